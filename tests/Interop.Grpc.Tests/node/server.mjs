// usage: node server.mjs
// Serves the probe service on a free local port, prints the port, and ends when its standard input does.
// The text of a request says what to do with it.
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { probe } from './proto.mjs';

let cancelled = 0;

const failure = () => {
  const metadata = new Metadata();
  metadata.add('why', 'asked for');
  metadata.add('blob-bin', Buffer.from([9, 0, 255]));
  return { code: status.ABORTED, details: 'nö 50%', metadata };
};

// The request's metadata under new names.
const reflect = (metadata) => {
  const answer = new Metadata();
  for (const value of metadata.get('text')) answer.add('seen-text', value);
  for (const value of metadata.get('blob-bin')) answer.add('seen-bin', value);
  return answer;
};

const wait = (call) => call.on('cancelled', () => cancelled++);

const implementation = {
  Unary(call, done) {
    const { number, text } = call.request;
    if (text === 'fail') return done(failure());
    if (text === 'wait') return wait(call);
    if (text === 'cancelled') return done(null, { number: cancelled });
    if (text === 'large') return done(null, { payload: Buffer.alloc(number) });
    const reflected = reflect(call.metadata);
    call.sendMetadata(reflected);
    done(null, call.request, reflected);
  },
  Collect(call, done) {
    let sum = 0;
    call.on('data', (request) => (sum += request.number));
    call.on('end', () => done(null, { number: sum }));
  },
  Spread(call) {
    if (call.request.text === 'wait') return wait(call);
    for (let i = 0; i < call.request.number; i++) call.write({ number: i });
    if (call.request.text === 'fail') return call.emit('error', failure());
    call.end();
  },
  Chat(call) {
    call.on('cancelled', () => cancelled++);
    call.on('data', (request) => (request.text === 'fail' ? call.emit('error', failure()) : call.write(request)));
    call.on('end', () => call.end());
  },
};

const server = new Server();
server.addService(probe.Probe.service, implementation);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
process.stdin.on('end', () => server.forceShutdown()).resume();
