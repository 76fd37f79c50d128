using System.Globalization;
using Portability.Cli;

// Numbers and dates read the same wherever the command runs.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

using Terminal terminal = Terminal.OfProcess();
return (int)await CommandLine.RunAsync(args, terminal, CancellationToken.None);
