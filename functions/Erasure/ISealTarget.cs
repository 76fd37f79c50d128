using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Takes rows with their fates: begun, cell by cell, and ended.</summary>
internal interface ISealTarget : ICellSink
{
    /// <summary>Begins a row; its cells follow, then its end.</summary>
    void Begin(RowFate fate, long release);

    /// <summary>Ends the row.</summary>
    ValueTask EndAsync(CancellationToken cancellationToken);
}

/// <summary>A target of rows that need only be looked at.</summary>
internal sealed class NoSealTarget : ISealTarget
{
    public void Begin(RowFate fate, long release) { }

    public ValueTask EndAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Null() { }

    public void Integer(long value) { }

    public void Real(double value) { }

    public void Text(ReadOnlySpan<byte> utf8) { }

    public void Bytes(ReadOnlySpan<byte> value) { }

    public void Other(object value) { }
}

/// <summary>Rows that are objects already.</summary>
internal static class SealTargets
{
    public static ValueTask WriteAsync(this ISealTarget target, SealedRow row, CancellationToken cancellationToken)
    {
        target.Begin(row.Fate, row.Release);
        foreach (var value in row.Values)
        {
            if (value is null)
            {
                target.Null();
            }
            else
            {
                RowCursor.CopyObject(value, target);
            }
        }
        return target.EndAsync(cancellationToken);
    }
}
