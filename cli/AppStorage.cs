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
        if (settings["AzureWebJobsStorage"] is not { Length: > 0 } connection)
        {
            throw new NotDoneException(
                "The setting AzureWebJobsStorage is not set: the app's own storage is where the cases are. "
                    + "Set it in the environment, or name the app's settings file: --settings local.settings.json."
            );
        }
        try
        {
            return new(new TableServiceClient(connection), new BlobServiceClient(connection));
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            throw new NotDoneException(
                "The setting AzureWebJobsStorage is no connection string of a storage account.",
                wrong
            );
        }
    }
}
