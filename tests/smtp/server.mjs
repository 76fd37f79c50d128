// A real SMTP server for the mail tests. Prints {"port":n} once it listens, then one JSON line for every mail it took.
// The local part of the recipient decides: "unknown" is refused for good (550), "busy" for now (451).
// With --refuse-sender every MAIL FROM is refused (550); with --refuse-data every message is (554).
import { SMTPServer } from "smtp-server";

const refuseSender = process.argv.includes("--refuse-sender");
const refuseData = process.argv.includes("--refuse-data");
const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  disableReverseLookup: true,
  onMailFrom: (address, session, done) => done(refuseSender ? refusal(550, "sender not allowed") : undefined),
  onRcptTo: (address, session, done) => {
    if (address.address.startsWith("unknown@")) return done(refusal(550, "no such mailbox"));
    if (address.address.startsWith("busy@")) return done(refusal(451, "try again later"));
    return done();
  },
  onData: (stream, session, done) => {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => {
      if (refuseData) return done(refusal(554, "message refused"));
      const { mailFrom, rcptTo } = session.envelope;
      const message = Buffer.concat(parts).toString("utf8");
      process.stdout.write(`${JSON.stringify({ from: mailFrom.address, to: rcptTo.map((to) => to.address), message })}\n`);
      return done();
    });
  },
});

server.listen(0, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ port: server.server.address().port })}\n`));
// The test closes our standard input when it is done, also when it dies.
process.stdin.on("end", () => process.exit(0)).resume();
