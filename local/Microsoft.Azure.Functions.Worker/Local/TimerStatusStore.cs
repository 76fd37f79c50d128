using System.Text.Json;

namespace Portability.Local;

/// <summary>
/// Keeps the timers' status in a small JSON file, written whole and moved into place, so that a killed process leaves
/// the old or the new one. It is no table of the engine's file, which has one owner.
/// </summary>
internal sealed class TimerStatusStore(string path) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, TimerStatus> _statuses = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="HostStartException">The file cannot be read.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            return;
        }
        try
        {
            await using FileStream file = File.OpenRead(path);
            var stored = await JsonSerializer.DeserializeAsync<Dictionary<string, TimerStatus>>(
                file,
                Json,
                cancellationToken
            );
            foreach ((string name, TimerStatus status) in stored ?? [])
            {
                _statuses[name] = status;
            }
        }
        catch (JsonException exception)
        {
            throw new HostStartException($"{path} is damaged ({exception.Message}): delete it.", exception);
        }
    }

    public TimerStatus? Read(string name) => _statuses.GetValueOrDefault(name);

    public async Task WriteAsync(string name, TimerStatus status, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _statuses[name] = status;
            string fresh = path + ".new";
            await File.WriteAllBytesAsync(
                fresh,
                JsonSerializer.SerializeToUtf8Bytes(_statuses, Json),
                cancellationToken
            );
            File.Move(fresh, path, overwrite: true);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
