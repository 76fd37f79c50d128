using System.Globalization;
using Spectre.Console;

namespace Portability.Demo.Tour;

/// <summary>Everything the tour prints. Without a terminal it is plain lines, and nothing ever waits for a key.</summary>
internal sealed class TourScreen
{
    private const int WidthWithoutTerminal = 180;
    private readonly IAnsiConsole console;
    private readonly TimeZoneInfo zone;

    public TourScreen(string timeZone)
    {
        zone = TimeZoneInfo.FindSystemTimeZoneById(timeZone);
        bool terminal = !Console.IsOutputRedirected;
        console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
                Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
            }
        );
        if (!terminal)
        {
            // A log has no width: lines are not broken at 80 columns.
            console.Profile.Width = WidthWithoutTerminal;
        }
    }

    /// <summary>Begins a chapter.</summary>
    public void Chapter(string title)
    {
        console.WriteLine();
        console.Write(new Rule($"[bold]{Markup.Escape(title)}[/]").LeftJustified());
    }

    public void Say(string text) => console.MarkupLine(Markup.Escape(text));

    /// <summary>One line of the timeline: virtual time in the contract's zone, what, and its meaning.</summary>
    public void Event(DateTimeOffset at, string name, string meaning)
    {
        string colour = EventWords.Colour(name);
        Line(at, $"[{colour}]{Markup.Escape(EventWords.ShortName(name)).PadRight(22)}[/]", meaning);
    }

    /// <summary>A line that is no event of the stream, such as a mail in the mailbox.</summary>
    public void Aside(DateTimeOffset at, string what, string text) =>
        Line(at, $"[blue]{Markup.Escape(what).PadRight(22)}[/]", text);

    public void Checked(string promise) => console.MarkupLine($"  [green]OK[/]      {Markup.Escape(promise)}");

    public void Broken(string promise) => console.MarkupLine($"  [red bold]BROKEN[/]  {Markup.Escape(promise)}");

    /// <summary>A table of numbers between a name and an explanation, which alone may wrap.</summary>
    public void Table(IReadOnlyList<string> heads, IEnumerable<string[]> rows)
    {
        Table table = new() { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        for (int i = 0; i < heads.Count; i++)
        {
            bool text = i == 0 || i == heads.Count - 1;
            TableColumn column = new(Markup.Escape(heads[i])) { NoWrap = i < heads.Count - 1 };
            table.AddColumn(text ? column : column.RightAligned());
        }

        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        console.Write(table);
    }

    /// <summary>Shows progress while <paramref name="work"/> runs: a bar on a terminal, else a line whenever something changed.</summary>
    public async Task ProgressAsync(string title, Func<Action<long, long, string>, Task> work)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            string last = "";
            await work(
                (done, all, text) =>
                {
                    string line = string.Create(CultureInfo.InvariantCulture, $"  {title}: {done} of {all} {text}");
                    if (line != last)
                    {
                        Say(line);
                        last = line;
                    }
                }
            );
            return;
        }

        await console
            .Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn()
            )
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title));
                await work(
                    (done, all, text) =>
                    {
                        task.MaxValue = Math.Max(1, all);
                        task.Value = done;
                        task.Description = Markup.Escape(
                            string.Create(CultureInfo.InvariantCulture, $"{title}: {done} of {all} {text}")
                        );
                    }
                );
                task.Value = task.MaxValue;
            });
    }

    public void Error(string message) => console.MarkupLine($"[red bold]Failed:[/] {Markup.Escape(message)}");

    private void Line(DateTimeOffset at, string what, string text) =>
        console.MarkupLine(
            $"[grey]{TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}[/]  {what}  {Markup.Escape(text)}"
        );
}
