// Does on a running NodeBB what a signed-in browser does: logs in over HTTP, then sends events over its socket. Run in its folder.
// stdin: {"url", "username", "password", "acts": [[event, data], …]}; stdout: the answers, one list.
'use strict';
const fs = require('fs');
const path = require('path');
const connect = require(path.join(process.cwd(), 'node_modules/socket.io-client'));

const given = JSON.parse(fs.readFileSync(0, 'utf-8'));
const cookie = answer => answer.headers.getSetCookie().map(one => one.split(';')[0]).join('; ');

async function session() {
  const first = await fetch(`${given.url}api/config`);
  const config = await first.json();
  const answer = await fetch(`${given.url}login`, {
    method: 'POST',
    headers: { cookie: cookie(first), 'x-csrf-token': config.csrf_token, 'content-type': 'application/json' },
    body: JSON.stringify({ username: given.username, password: given.password }),
  });
  if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`);
  return cookie(answer) || cookie(first);
}

async function act() {
  const socket = connect(given.url, { extraHeaders: { cookie: await session(), origin: given.url.replace(/\/$/, '') }, transports: ['polling'] });
  const answers = [];
  for (const [event, data] of given.acts) {
    answers.push(await new Promise((done, fail) => socket.emit(event, data, (error, value) => (error ? fail(new Error(`${event}: ${error.message}`)) : done(value)))));
  }
  return answers;
}

act()
  .then(answers => process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit(0)))
  .catch(error => { console.error(error.stack || error); process.exit(1); });
