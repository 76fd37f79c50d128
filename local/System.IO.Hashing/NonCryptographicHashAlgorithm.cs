using System.ComponentModel;

namespace System.IO.Hashing;

/// <summary>
/// Base of hashes that are fast and not meant to resist an attacker. Azure.Storage.Common derives its CRC64 from it, which
/// is all that this assembly is for: the algorithms of the official package are left out.
/// </summary>
public abstract class NonCryptographicHashAlgorithm
{
    const int StreamBufferBytes = 64 * 1024;

    /// <param name="hashLengthInBytes">Length of a hash, in bytes; at least 1.</param>
    protected NonCryptographicHashAlgorithm(int hashLengthInBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hashLengthInBytes, 1);
        HashLengthInBytes = hashLengthInBytes;
    }

    /// <summary>Number of bytes a hash has.</summary>
    public int HashLengthInBytes { get; }

    /// <summary>Adds data to what has been hashed so far.</summary>
    public abstract void Append(ReadOnlySpan<byte> source);

    /// <summary>Forgets all data added so far.</summary>
    public abstract void Reset();

    /// <summary>Writes the hash of the data so far, leaving the state as it is.</summary>
    protected abstract void GetCurrentHashCore(Span<byte> destination);

    /// <summary>Adds data to what has been hashed so far.</summary>
    public void Append(byte[] source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Append(source.AsSpan());
    }

    /// <summary>Adds the rest of a stream to what has been hashed so far.</summary>
    public void Append(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var buffer = new byte[StreamBufferBytes];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            Append(buffer.AsSpan(0, read));
        }
    }

    /// <summary>Adds the rest of a stream to what has been hashed so far.</summary>
    public Task AppendAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return AppendRestAsync(stream, cancellationToken);
    }

    async Task AppendRestAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[StreamBufferBytes];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            Append(buffer.AsSpan(0, read));
        }
    }

    /// <summary>The hash of the data so far; more may be added afterwards.</summary>
    public byte[] GetCurrentHash()
    {
        var hash = new byte[HashLengthInBytes];
        GetCurrentHashCore(hash);
        return hash;
    }

    /// <summary>Writes the hash of the data so far and gives its length.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than a hash.</exception>
    public int GetCurrentHash(Span<byte> destination) =>
        TryGetCurrentHash(destination, out var written) ? written : throw TooShort();

    /// <summary>Writes the hash of the data so far, unless the destination is too short.</summary>
    public bool TryGetCurrentHash(Span<byte> destination, out int bytesWritten)
    {
        if (destination.Length < HashLengthInBytes)
        {
            bytesWritten = 0;
            return false;
        }
        GetCurrentHashCore(destination[..HashLengthInBytes]);
        bytesWritten = HashLengthInBytes;
        return true;
    }

    /// <summary>The hash of the data so far, after which a new hash begins.</summary>
    public byte[] GetHashAndReset()
    {
        var hash = new byte[HashLengthInBytes];
        GetHashAndResetCore(hash);
        return hash;
    }

    /// <summary>Writes the hash of the data so far and gives its length, after which a new hash begins.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than a hash.</exception>
    public int GetHashAndReset(Span<byte> destination) =>
        TryGetHashAndReset(destination, out var written) ? written : throw TooShort();

    /// <summary>Writes the hash of the data so far and begins a new one, unless the destination is too short.</summary>
    public bool TryGetHashAndReset(Span<byte> destination, out int bytesWritten)
    {
        if (destination.Length < HashLengthInBytes)
        {
            bytesWritten = 0;
            return false;
        }
        GetHashAndResetCore(destination[..HashLengthInBytes]);
        bytesWritten = HashLengthInBytes;
        return true;
    }

    /// <summary>Writes the hash of the data so far and begins a new one.</summary>
    protected virtual void GetHashAndResetCore(Span<byte> destination)
    {
        GetCurrentHashCore(destination);
        Reset();
    }

    /// <summary>Not the computed hash, hence refused.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("Use GetCurrentHash() to retrieve the computed hash code.", true)]
#pragma warning disable CS0809 // The official class hides GetHashCode this way, so that nobody takes it for the hash.
    public override int GetHashCode() => throw new NotSupportedException("Use GetCurrentHash().");
#pragma warning restore CS0809

    static ArgumentException TooShort() => new("The destination is shorter than a hash.", "destination");
}
