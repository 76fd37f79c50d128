using System.Globalization;
using System.Text;
using Portability.Terminations;

namespace Portability.Tests.Terminations;

/// <summary>
/// <c>Given(events).When(command, at).Then(events)</c>. Events are compared by the JSON that is stored. Those of the
/// past that state no time get their predecessor's; expected ones get the command's actor and time.
/// </summary>
internal sealed class Given
{
    private readonly List<TerminationEvent> past = [];

    private Given(IEnumerable<TerminationEvent> events)
    {
        foreach (TerminationEvent e in events)
        {
            DateTimeOffset before = past.LastOrDefault()?.At ?? default;
            past.Add(e.At < before ? e with { At = before } : e);
        }
    }

    public static Given Nothing => new([]);

    public Termination State => Termination.Fold(past);

    public IReadOnlyList<TerminationEvent> Events => past;

    public static Given Past(params IEnumerable<TerminationEvent> events) => new(events);

    public Outcome When(TerminationCommand command, string at)
    {
        DateTimeOffset now = Instant(at);
        Decision decision = TerminationDecider.Decide(State, command, now);
        return new Outcome(this, command, now, decision);
    }

    /// <summary>The step that the case needs at a time.</summary>
    public NextStep NextAt(string at) => Lifecycle.Next(State, Instant(at));

    public static DateTimeOffset Instant(string at) =>
        DateTimeOffset.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    internal sealed record Outcome(Given Before, TerminationCommand Command, DateTimeOffset Now, Decision Decision)
    {
        public IReadOnlyList<TerminationEvent> Events => Assert.IsType<Decision.Accepted>(Decision).Events;

        /// <summary>The case with what just happened, to go on from.</summary>
        public Given After => Past([.. Before.Events, .. Events]);

        public Outcome Then(params IReadOnlyList<TerminationEvent> expected)
        {
            DateTimeOffset at = Now > Before.State.LastAt ? Now : Before.State.LastAt;
            Assert.Equal(
                expected.Select(e => Text(e with { At = at, Actor = Command.Actor })),
                Decision is Decision.Refused refused ? [refused.Refusal.ToString()] : Events.Select(Text)
            );
            return this;
        }

        public Outcome ThenNothing() => Then();

        public Refusal ThenRefused(string code)
        {
            Refusal refusal = Assert.IsType<Decision.Refused>(Decision).Refusal;
            Assert.Equal(code, refusal.Code);
            Assert.NotEmpty(refusal.Detail);
            Assert.NotEmpty(refusal.Next);
            return refusal;
        }

        private static string Text(TerminationEvent e)
        {
            (string name, byte[] body) = EventCodec.Encode(e);
            return name + " " + Encoding.UTF8.GetString(body);
        }
    }
}
