using System.Globalization;
using Azure.Data.Tables.Http;

namespace Azure.Data.Tables;

/// <summary>A transaction was refused: nothing of it was applied.</summary>
public partial class TableTransactionFailedException : RequestFailedException
{
    /// <summary>Wraps the answer to the action that failed.</summary>
    public TableTransactionFailedException(RequestFailedException requestFailedException)
        : base(
            requestFailedException.Status,
            requestFailedException.Message,
            requestFailedException.ErrorCode,
            requestFailedException.InnerException
        )
    {
        FailedTransactionActionIndex =
            requestFailedException.Data[TableFailureParser.FailedIndexKey] is string text
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? index
                : null;
    }

    /// <summary>Zero-based index of the action that failed, when the service named it.</summary>
    public int? FailedTransactionActionIndex { get; }
}
