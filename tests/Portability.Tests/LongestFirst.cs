using Portability.Tests;
using Portability.Tests.Demo;
using Portability.Tests.Docs;
using Portability.Tests.EndToEnd;
using Portability.Tests.Http;
using Portability.Tests.Messaging;
using Portability.Tests.Restored;
using Portability.Tests.Workflow;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Portability.Tests.LongestFirst", "Portability.Tests")]

namespace Portability.Tests;

/// <summary>Begins with what takes longest, so that no core is left without work while another ends it alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        nameof(CrashTests),
        Exports.ExportTests.Name,
        "storage",
        nameof(WorkflowTests),
        nameof(SevenYearsTests),
        nameof(ProcessorFlowTests),
        nameof(CurlPageTests),
        nameof(LedgerReplayTests),
        nameof(AfterWindowTests),
        nameof(CallTests),
        nameof(AftermathTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection =>
            Array.FindIndex(Longest, name => collection.DisplayName.EndsWith(name, StringComparison.Ordinal)) switch
            {
                -1 => Longest.Length,
                var place => place,
            }
        );
}
