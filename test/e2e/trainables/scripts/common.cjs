const { defineTrainable } = require('attune');

exports.common = defineTrainable(__filename, (config) => ({ loss: config.x }), { name: 'common' });
