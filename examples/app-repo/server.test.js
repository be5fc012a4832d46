const assert = require('node:assert');
const { after, before, test } = require('node:test');
const { server } = require('./server.js');

before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => server.close());

const ask = (path) => fetch(`http://127.0.0.1:${server.address().port}${path}`);

test('is healthy where the platform asks', async () => {
  assert.equal((await ask('/v1/health')).status, 200);
});

test('knows no other path', async () => {
  assert.equal((await ask('/nowhere')).status, 404);
});
