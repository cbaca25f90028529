import { type ArtifactType, artifactType, registerArtifactType } from '../checkpoint/artifact-types.ts';
import { loadModel } from './load-model.ts';
import { type SavableModel, saveModel } from './save-model.ts';

/** A `tf.LayersModel` as a directory of the standard files, without its optimizer: to predict with; checkpoints are for going on. */
const tfjs: ArtifactType = {
  save: (model, path) => saveModel(model as SavableModel, path),
  load: loadModel as ArtifactType['load'],
};

/** Artifacts of the type `tfjs` can be saved and loaded from now on. Another copy of the package may have seen to it. */
export function provideTfjsArtifacts(): void {
  if (artifactType('tfjs') === undefined) registerArtifactType('tfjs', tfjs);
}
