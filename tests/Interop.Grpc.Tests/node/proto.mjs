// Loads the probe service that both sides speak.
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../Contract.Grpc.Tests/Protos/probe.proto', import.meta.url));
const definition = loadSync(path, { keepCase: true, defaults: true });

export const probe = loadPackageDefinition(definition).winnow.tests.v1;
