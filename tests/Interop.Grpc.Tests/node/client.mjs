// usage: node client.mjs HOST:PORT CASE
// Makes the calls of one case and prints what came back as one JSON object.
import { credentials, Metadata } from '@grpc/grpc-js';
import { probe } from './proto.mjs';

const [address, name] = process.argv.slice(2);
const options = name === 'receive-limit' ? { 'grpc.max_receive_message_length': 1000 } : {};
const client = new probe.Probe(address, credentials.createInsecure(), options);

const plain = (metadata) => {
  const entries = {};
  for (const key of Object.keys(metadata?.getMap() ?? {})) {
    entries[key] = metadata.get(key).map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : value));
  }
  return entries;
};

// Runs a call to its status and gathers all that it brought.
const gather = (call, seen = { messages: [] }) =>
  new Promise((resolve) => {
    call.on('metadata', (metadata) => (seen.headers = plain(metadata)));
    call.on('data', (message) => seen.messages.push(message.number));
    call.on('error', () => {});
    call.on('status', (status) => {
      resolve({ ...seen, code: status.code, details: status.details, trailers: plain(status.metadata) });
    });
  });

const single = (start) => {
  const seen = {};
  const call = start((error, message) => {
    seen.message = message;
  });
  return gather(call, seen);
};

const unary = (request, metadata = new Metadata(), callOptions = {}) =>
  single((done) => client.Unary(request, metadata, callOptions, done));

const cases = {
  unary: () => unary({ number: 41, text: 'héllo' }),
  metadata: () => {
    const metadata = new Metadata();
    metadata.add('text', 'plain value');
    metadata.add('blob-bin', Buffer.from([0, 1, 254, 255]));
    return unary({}, metadata);
  },
  error: () => unary({}),
  unimplemented: () => single((done) => client.Missing({}, done)),
  deadline: () => unary({}, new Metadata(), { deadline: Date.now() + 1000 }),
  collect: () =>
    single((done) => {
      const call = client.Collect(done);
      for (let i = 1; i <= 100; i++) call.write({ number: i });
      call.end();
      return call;
    }),
  spread: () => gather(client.Spread({ number: 100 })),
  'spread-fails': () => gather(client.Spread({})),
  chat: () => {
    const call = client.Chat();
    const seen = { messages: [] };
    call.on('data', (message) => (message.number < 20 ? call.write({ number: message.number + 1 }) : call.end()));
    call.write({ number: 1 });
    return gather(call, seen);
  },
  cancel: () => {
    const call = client.Chat();
    call.on('data', () => call.cancel());
    return gather(call);
  },
  large: async () => {
    const payload = Buffer.alloc(3_000_000, 7);
    const result = await unary({ payload });
    return { code: result.code, same: payload.equals(result.message?.payload ?? Buffer.alloc(0)) };
  },
  'send-limit': async () => ({ code: (await unary({ payload: Buffer.alloc(5_000_000) })).code }),
  'receive-limit': async () => ({ code: (await unary({ payload: Buffer.alloc(2_000) })).code }),
};

console.log(JSON.stringify(await cases[name]()));
client.close();
