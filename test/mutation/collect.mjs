/** What Jest's globals do with a test file, as far as our tests need it: `load` declares, and the tests come back. */
export function collect(expect, load) {
  const tests = [];
  const blockOf = (name, parent) => ({ name, parent, before: [], after: [] });
  let block = blockOf('', undefined);
  const describe = (name, body) => {
    const outer = block;
    block = blockOf(`${outer.name}${name} `, outer);
    body();
    block = outer;
  };
  const test = (name, body) => {
    const within = block;
    const id = `${within.name}${name}`;
    const twins = tests.filter((one) => one.id.startsWith(id)).length;
    tests.push({ id: twins > 0 ? `${id} (${twins})` : id, run: () => runIn(within, body) });
  };
  const each = (declare) => (rows) => (name, body) => {
    for (const [index, row] of rows.entries())
      declare(`${name} ${index}`, () => (Array.isArray(row) ? body(...row) : body(row)));
  };
  test.each = each(test);
  describe.each = each(describe);
  load({
    describe,
    test,
    expect,
    beforeEach: (hook) => block.before.push(hook),
    afterEach: (hook) => block.after.push(hook),
  });
  return tests;
}

async function runIn(block, body) {
  const blocks = [];
  for (let one = block; one; one = one.parent) blocks.unshift(one);
  for (const { before } of blocks) for (const hook of before) await hook();
  try {
    await body();
  } finally {
    for (const { after } of blocks.reverse()) for (const hook of after) await hook();
  }
}
