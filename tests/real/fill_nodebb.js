// Sets a NodeBB up and writes a plan (tests/real/plan.py) into it through its own functions; run in its folder.
// stdin: {"config": config.json, "password", "plan"}.
// Answers on stdout, last line: {"threads": {key: tid}, "posts": {key: pid}, "people": {name: uid}, "boards": {name: cid}}
'use strict';
const fs = require('fs');
const path = require('path');
const here = process.cwd();
const of = name => require(path.join(here, name));
const nconf = require(path.join(here, 'node_modules/nconf'));

const given = JSON.parse(fs.readFileSync(0, 'utf-8'));
nconf.overrides(Object.assign({}, given.config, {
  base_dir: here, themes_path: path.join(here, 'node_modules'), views_dir: path.join(here, 'public/templates'),
  relative_path: '', upload_path: '/public/uploads', isPrimary: 'true', isCluster: 'false',
  setup: JSON.stringify(Object.assign({
    url: given.config.url, secret: given.config.secret, database: 'redis', 'redis:host': given.config.redis.host, 'redis:port': given.config.redis.port,
    'admin:username': 'admin', 'admin:email': 'admin@example.org',
  }, { 'admin:password': given.password, 'admin:password:confirm': given.password })),
}));
const winston = require(path.join(here, 'node_modules/winston'));
winston.level = 'error';

const ask = (owner, name, ...args) => new Promise((done, fail) => owner[name](...args, (error, value) => (error ? fail(error) : done(value))));

async function settle() {
  const meta = of('src/meta');
  for (const [key, value] of Object.entries({ postDelay: 0, initialPostDelay: 0, newbiePostDelay: 0, allowGuestHandles: 1, minimumPostLength: 1, minimumTitleLength: 1, topicPostSort: 'newest_to_oldest' })) {
    await ask(meta.configs, 'set', key, value);
  }
}

async function fill(plan) {
  const categories = of('src/categories'), topics = of('src/topics'), posts = of('src/posts'), user = of('src/user');
  const groups = of('src/groups');
  const told = { threads: {}, posts: {}, people: {}, boards: {} };
  const admin = 1;
  await settle();
  for (const name of plan.boards) {
    const made = await ask(categories, 'create', { name, description: name });
    told.boards[name] = made.cid;
    for (const right of ['topics:create', 'topics:reply']) await ask(groups, 'join', `cid:${made.cid}:privileges:groups:${right}`, 'guests');
  }
  for (const name of plan.people) told.people[name] = await ask(user, 'create', { username: name });
  const talks = Object.fromEntries(plan.talks.map(talk => [talk.key, talk]));
  for (const said of plan.posts) {
    const talk = talks[said.talk];
    const by = said.guest ? { uid: 0, handle: said.who.slice(6) || undefined } : { uid: told.people[said.who] };
    if (told.threads[talk.key] === undefined) {
      const made = await ask(topics, 'post', { ...by, cid: told.boards[talk.board], title: talk.title, content: said.text, timestamp: said.at });
      told.threads[talk.key] = made.topicData.tid;
      told.posts[said.key] = made.postData.pid;
      // the program gives the first post the clock's time, whatever the topic's is
      await ask(posts, 'setPostField', made.postData.pid, 'timestamp', said.at);
    } else {
      const made = await ask(topics, 'reply', { ...by, tid: told.threads[talk.key], content: said.text, timestamp: said.at });
      told.posts[said.key] = made.pid;
    }
  }
  for (const said of plan.posts) {
    const pid = told.posts[said.key];
    if (said.edited !== null) await ask(posts, 'edit', { pid, uid: admin, content: said.edited, options: {} });
    if (said.deleted) await ask(posts.tools, 'delete', admin, pid);
    if (said.purged) await ask(posts.tools, 'purge', admin, pid);
  }
  for (const talk of plan.talks) {
    const tid = told.threads[talk.key];
    if (talk.moved) await ask(topics.tools, 'move', tid, told.boards[talk.moved], admin);
    if (talk.pinned) await ask(topics.tools, 'pin', tid, admin);
    if (talk.locked) await ask(topics.tools, 'lock', tid, admin);
    if (talk.deleted) await ask(topics.tools, 'delete', tid, admin);
  }
  return told;
}

const quiet = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;  // the set-up talks
new Promise((done, fail) => of('src/install').setup((error, value) => (error ? fail(error) : done(value))))
  // these fetch their pictures from a site of their own at the first start
  .then(() => ask(of('src/database'), 'sortedSetRemove', 'plugins:active', ['nodebb-plugin-emoji-one', 'nodebb-plugin-emoji-extended', 'nodebb-plugin-soundpack-default']))
  .then(() => fill(given.plan))
  .then(told => quiet(`${JSON.stringify(told)}\n`, () => process.exit(0)))
  .catch(error => { console.error(error.stack || error); process.exit(1); });
