using System.CommandLine;
using System.Globalization;
using Portability.Demo;
using Portability.Demo.Tour;

// Numbers and dates read the same wherever the tour runs.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

Option<DirectoryInfo?> outOption = new("--out")
{
    Description = "Keeps downloads/, certificate.json, events.jsonl and lms.db in this folder",
};
Option<int> rowsOption = new("--rows")
{
    Description = "Rows of the sample LMS, 5,000 and more",
    DefaultValueFactory = _ => SampleLms.DefaultRows,
};
Option<bool> serveOption = new("--serve")
{
    Description = "Keeps the application running afterwards and prints its address and tokens",
};
rowsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() < SampleLms.SmallestRows)
    {
        result.AddError($"--rows must be {SampleLms.SmallestRows} or more.");
    }
});
RootCommand command = new("Takes one of two customers of a sample learning platform out, from notice to certificate.");
command.Options.Add(outOption);
command.Options.Add(rowsOption);
command.Options.Add(serveOption);
command.SetAction(
    (arguments, ct) =>
        Show.RunAsync(
            new TourOptions
            {
                Out = arguments.GetValue(outOption)?.FullName,
                Rows = arguments.GetValue(rowsOption),
                Serve = arguments.GetValue(serveOption),
            },
            ct
        )
);
return await command.Parse(args).InvokeAsync();
