namespace Portability.Demo.Tour;

/// <summary>What the tour checks. A broken promise does not stop the tour; at the end it fails with all of them.</summary>
internal sealed class Promises(TourScreen screen)
{
    private readonly List<string> broken = [];

    public IReadOnlyList<string> Broken => broken;

    /// <summary>How many were checked.</summary>
    public int Count { get; private set; }

    public void Expect(string promise, bool kept, string? otherwise = null)
    {
        Count++;
        if (kept)
        {
            screen.Checked(promise);
        }
        else
        {
            string text = otherwise is null ? promise : $"{promise} ({otherwise})";
            broken.Add(text);
            screen.Broken(text);
        }
    }

    public void ExpectEqual<T>(string promise, T expected, T actual) =>
        Expect(promise, EqualityComparer<T>.Default.Equals(expected, actual), $"expected {expected}, found {actual}");
}
