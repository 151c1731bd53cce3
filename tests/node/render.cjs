// Renders templates with brazejs, a re-implementation of Braze's Liquid.
// Reads a JSON list of {template, context} from standard input, writes one of {text} or {error}.
'use strict';

const { default: Liquid } = require('brazejs');

let input = '';
process.stdin.on('data', (chunk) => { input += chunk; });
process.stdin.on('end', async () => {
  const made = [];
  for (const { template, context } of JSON.parse(input)) {
    try {
      made.push({ text: await new Liquid().parseAndRender(template, context) });
    } catch (error) {
      made.push({ error: `${error.name}: ${error.message}` });
    }
  }
  process.stdout.write(JSON.stringify(made));
});
