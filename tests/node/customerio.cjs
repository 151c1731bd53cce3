// Makes calls of Customer.io's Track API with the official Node client, one after the other.
// Usage: node customerio.cjs URL SITE_ID API_KEY CALLS, where CALLS is JSON: [[method, ...arguments], ...].
// Prints what each call gave: {"answer": …}, or {"status", "message", "body"} of what the client threw.
'use strict';

const { TrackClient } = require('customerio-node');

const [url, site, key, calls] = process.argv.slice(2);
// Tries that follow at once: the client's own waits are seconds long.
const client = new TrackClient(site, key, { url: `${url}/api/v1`, retry: { minTimeoutMs: 1, maxTimeoutMs: 1 } });

async function main() {
  const gave = [];
  for (const [method, ...given] of JSON.parse(calls)) {
    try {
      gave.push({ answer: await client[method](...given) });
    } catch (error) {
      gave.push({ status: error.statusCode ?? 0, message: error.message, body: error.body ?? null });
    }
  }
  console.log(JSON.stringify(gave));
}

main();
