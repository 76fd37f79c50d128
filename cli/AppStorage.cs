using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Portability.Storage;

namespace Portability.Cli;

/// <summary>The app's own storage, opened with the app's own settings.</summary>
internal sealed class AppStorage
{
    private AppStorage(TableServiceClient tables, BlobServiceClient blobs)
    {
        Tables = tables;
        Blobs = blobs;
        Index = new CaseIndex(tables);
        Terminations = new TerminationStore(tables, blobs, Index, NullLogger<TerminationStore>.Instance);
    }

    public TableServiceClient Tables { get; }

    public BlobServiceClient Blobs { get; }

    public CaseIndex Index { get; }

    public TerminationStore Terminations { get; }

    /// <summary>Throws <see cref="NotDoneException"/> where the settings name no storage.</summary>
    public static AppStorage Open(IConfiguration settings)
    {
        try
        {
            return new(
                StorageAccounts.Tables(settings, Composition.OwnStorage),
                StorageAccounts.Blobs(settings, Composition.OwnStorage)
            );
        }
        catch (InvalidOperationException wrong)
        {
            throw new NotDoneException(
                $"{wrong.Message} The app's own storage is where the cases are: set it in the environment, or name the app's "
                    + "settings file, --settings local.settings.json.",
                wrong
            );
        }
    }
}
