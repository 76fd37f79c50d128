// The cases of EngineCases.cs on Microsoft's Durable Task for JavaScript and its backend in memory; a line of seconds a
// round, after the time to warm up. usage: node peer.mjs sequences|fan-out|events SECONDS-TO-WARM-UP ROUNDS
import durabletask from "@microsoft/durabletask-js";

const { InMemoryOrchestrationBackend, TestOrchestrationClient, TestOrchestrationWorker, whenAll } = durabletask;
// Its worker has no setting for a logger and logs every event; what is measured shall be the engine, not the terminal.
for (const level of ["debug", "log", "info", "warn"]) {
  console[level] = () => {};
}
const orchestrations = 1000;
const steps = 10;
const patience = 600;

const echo = (_, number) => number;

async function* sequence(context, count) {
  let sum = 0;
  for (let step = 0; step < count; step++) {
    sum += yield context.callActivity(echo, step);
  }
  return sum;
}

async function* fanOut(context, width) {
  const results = yield whenAll(Array.from({ length: width }, (_, i) => context.callActivity(echo, i)));
  return results.reduce((sum, number) => sum + number, 0);
}

async function* waiter(context) {
  return yield context.waitForExternalEvent("go");
}

async function complete(client, ids, output) {
  for (const end of await Promise.all(ids.map((id) => client.waitForOrchestrationCompletion(id, true, patience)))) {
    if (end.serializedOutput !== JSON.stringify(output)) {
      throw new Error(`${end.instanceId} gave ${end.serializedOutput}`);
    }
  }
}

const schedule = (client, orchestrator, count, input) =>
  Promise.all(Array.from({ length: count }, () => client.scheduleNewOrchestration(orchestrator, input)));

async function runAll(client, orchestrator, count, input) {
  const begun = performance.now();
  const ids = await schedule(client, orchestrator, count, input);
  await complete(client, ids, (input * (input - 1)) / 2);
  return performance.now() - begun;
}

async function events(client) {
  const ids = await schedule(client, waiter, orchestrations, 0);
  await Promise.all(ids.map((id) => client.waitForOrchestrationStart(id, false, patience)));
  const begun = performance.now();
  await Promise.all(ids.map((id) => client.raiseOrchestrationEvent(id, "go", 7)));
  await complete(client, ids, 7);
  return performance.now() - begun;
}

const cases = {
  sequences: (client) => runAll(client, sequence, orchestrations, steps),
  "fan-out": (client) => runAll(client, fanOut, 1, orchestrations),
  events,
};
const name = process.argv[2];
const [warmUp, rounds] = process.argv.slice(3).map(Number);
const first = performance.now();
for (let measured = 0; measured < rounds; ) {
  const isWarm = performance.now() - first >= warmUp * 1000;
  const backend = new InMemoryOrchestrationBackend();
  const worker = new TestOrchestrationWorker(backend);
  [sequence, fanOut, waiter].forEach((orchestrator) => worker.addOrchestrator(orchestrator));
  worker.addActivity(echo);
  await worker.start();
  const elapsed = await cases[name](new TestOrchestrationClient(backend));
  await worker.stop();
  if (isWarm) {
    measured++;
    process.stdout.write(`${elapsed / 1000}\n`);
  }
}
