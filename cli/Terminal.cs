using System.Text;
using Spectre.Console;

namespace Portability.Cli;

/// <summary>
/// Where a command writes. Results go to <see cref="Out"/>, findings and faults to <see cref="Error"/>; secrets that were announced
/// with <see cref="Hide"/> reach neither, wherever they may turn up, in the message of a driver for instance.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private const int WidthWhenRedirected = 200;
    private readonly HashSet<string> secrets = new(StringComparer.Ordinal);

    public Terminal(TextWriter output, TextWriter error, int? width = null)
    {
        Out = new MaskingWriter(output, Mask);
        Error = new MaskingWriter(error, Mask);
        // Lines for a file or another program are not broken to fit a screen.
        Console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(Out),
            }
        );
        Console.Profile.Width = Math.Max(width ?? WidthWhenRedirected, 80);
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>Draws tables on <see cref="Out"/>.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess() =>
        new(
            System.Console.Out,
            System.Console.Error,
            System.Console.IsOutputRedirected ? null : System.Console.WindowWidth
        );

    /// <summary>One line of a result.</summary>
    public void Say(string line = "") => Out.Write(line + "\n");

    /// <summary>One line of a finding or fault.</summary>
    public void Complain(string line) => Error.Write(line + "\n");

    /// <summary>From now on the text is shown as <c>***</c>.</summary>
    public void Hide(IEnumerable<string> texts) => secrets.UnionWith(texts.Where(text => text.Length > 0));

    public void Dispose()
    {
        Out.Dispose();
        Error.Dispose();
    }

    private string Mask(string line) =>
        secrets
            .OrderByDescending(secret => secret.Length)
            .Aggregate(line, (text, secret) => text.Replace(secret, "***", StringComparison.Ordinal));

    /// <summary>Passes whole lines on, so that a secret written in two pieces is still seen.</summary>
    private sealed class MaskingWriter(TextWriter inner, Func<string, string> mask) : TextWriter
    {
        private readonly StringBuilder line = new();

        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value)
        {
            line.Append(value);
            if (value == '\n')
            {
                Pass();
            }
        }

        public override void Flush()
        {
            if (line.Length > 0 && line[^1] == '\n')
            {
                Pass();
            }
            inner.Flush();
        }

        // The process's own streams stay open: others may still write to them.
        protected override void Dispose(bool disposing)
        {
            Pass();
            inner.Flush();
            base.Dispose(disposing);
        }

        private void Pass()
        {
            inner.Write(mask(line.ToString()));
            line.Clear();
        }
    }
}
