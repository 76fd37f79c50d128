using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Data.Sqlite;
using Portability.Demo.Lms;

namespace Portability.Demo;

/// <summary>
/// A learning platform's database with two customers whose rows interleave, made from a seed: the same rows, seed and anchor
/// give the same database, byte for byte in every value.
/// </summary>
public sealed class SampleLms
{
    /// <summary>Name of the container that <see cref="UploadMediaAsync"/> fills.</summary>
    public const string MediaContainer = "lms-media";

    /// <summary>Number of rows when nobody says otherwise.</summary>
    public const int DefaultRows = 20_000;

    /// <summary>Smallest number of rows that still holds every case.</summary>
    public const int SmallestRows = SampleShape.MinimumRows;

    private readonly int seed;
    private readonly SampleShape shape;

    private SampleLms(string path, int seed, SampleShape shape, IReadOnlyList<SampleCustomer> customers)
    {
        Path = path;
        this.seed = seed;
        this.shape = shape;
        Customers = customers;
    }

    /// <summary>Path of the database file.</summary>
    public string Path { get; }

    /// <summary>Connection string of the database.</summary>
    public string ConnectionString => $"Data Source={Path}";

    /// <summary>Both customers.</summary>
    public IReadOnlyList<SampleCustomer> Customers { get; }

    /// <summary>The customer that leaves in the tour. Its running term ends 45 days after the anchor.</summary>
    public SampleCustomer Leaving => Customers[0];

    /// <summary>The customer that stays. Its id begins with the leaving customer's, as ids made of numbers do.</summary>
    public SampleCustomer Staying => Customers[1];

    /// <summary>Writes a new database.</summary>
    /// <param name="path">File to create; an existing one is replaced.</param>
    /// <param name="rows">Rows of all tables together, met exactly; at least 5,000.</param>
    /// <param name="seed">Names the content.</param>
    /// <param name="anchor">The day that all dates in the database are told from: its "today". 2026-01-15 when left out.</param>
    /// <param name="cancellationToken">Ends the work; the file is then left unfinished.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer rows than the sample needs to hold all its cases.</exception>
    public static async Task<SampleLms> CreateAsync(
        string path,
        int rows = DefaultRows,
        int seed = 1,
        DateOnly? anchor = null,
        CancellationToken cancellationToken = default
    )
    {
        SampleShape size = SampleShape.For(rows);
        DateOnly today = anchor ?? new DateOnly(2026, 1, 15);
        SampleLms lms = new(System.IO.Path.GetFullPath(path), seed, size, TwoCustomers(today));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(lms.Path)!);
        foreach (string suffix in (string[])["", "-wal", "-shm"])
        {
            File.Delete(lms.Path + suffix);
        }

        await using SqliteConnection connection = new($"Data Source={lms.Path};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        // Nothing to protect while the file is made: no journal, no syncs, and foreign keys hold by construction.
        await RunAsync(
            connection,
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF;",
            cancellationToken
        );
        await RunAsync(connection, Script("schema.sql") + "BEGIN;", cancellationToken);
        SampleBuild build = new(connection, seed, today, size, lms.Customers);
        foreach (
            Action<SampleBuild> part in (Action<SampleBuild>[])
                [
                    OrganisationRows.Write,
                    PeopleRows.Write,
                    CourseRows.Write,
                    MediaRows.Write,
                    ResultRows.Write,
                    OpinionRows.Write,
                    RecordRows.Write,
                    all => RecordRows.ActivityLog(all, rows),
                ]
        )
        {
            cancellationToken.ThrowIfCancellationRequested();
            part(build);
        }

        await RunAsync(connection, "COMMIT;" + Script("indexes.sql"), cancellationToken);
        await RunAsync(connection, "PRAGMA journal_mode=WAL;", cancellationToken);
        return lms;
    }

    /// <summary>Fills the media container with the files of both customers.</summary>
    /// <param name="connectionString">Connection string of the storage account.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many files each customer has there, by customer id.</returns>
    public async Task<IReadOnlyDictionary<string, int>> UploadMediaAsync(
        string connectionString,
        CancellationToken cancellationToken = default
    )
    {
        BlobContainerClient container = new(connectionString, MediaContainer);
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        for (int tenant = 0; tenant < Customers.Count; tenant++)
        {
            string customer = Customers[tenant].CustomerId;
            MediaFile[] files =
            [
                .. MediaRows.Known(seed, tenant, customer, shape.Media[tenant]),
                .. MediaRows.Unknown(seed, tenant, customer),
            ];
            counts[customer] = files.Length;
            await Parallel.ForEachAsync(
                files,
                new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
                async (file, token) =>
                    await container
                        .GetBlobClient(file.BlobName)
                        .UploadAsync(
                            new BinaryData(file.Content()),
                            new BlobUploadOptions
                            {
                                HttpHeaders = new BlobHttpHeaders { ContentType = file.ContentType },
                            },
                            token
                        )
            );
        }

        return counts;
    }

    /// <summary>Counts rows and digests their values, table by table, of one customer or of what both share.</summary>
    /// <param name="customerId">The customer, or <see langword="null"/> for the shared tables.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<LmsDigest> DigestAsync(string? customerId, CancellationToken cancellationToken = default) =>
        LmsDigest.ReadAsync(Path, customerId is null ? null : Find(customerId), cancellationToken);

    /// <summary>Counts rows, table by table, of one customer, without reading them.</summary>
    public Task<IReadOnlyDictionary<string, long>> CountAsync(
        string customerId,
        CancellationToken cancellationToken = default
    ) => LmsDigest.CountAsync(Path, Find(customerId), cancellationToken);

    private static IReadOnlyList<SampleCustomer> TwoCustomers(DateOnly today) =>
        [
            new SampleCustomer
            {
                CustomerId = "c-104",
                OrganisationId = 1,
                Name = "Nordlys Akademi AB",
                ContractNumber = "K-2019-104",
                TermEndsOn = today.AddDays(45),
                RenewalMonths = 12,
                TimeZone = "Europe/Stockholm",
                Locale = "sv",
                ContactName = "Åsa Öberg-Lindström",
                ContactEmail = "asa.oberg@c-104.example",
            },
            new SampleCustomer
            {
                CustomerId = "c-1042",
                OrganisationId = 2,
                Name = "Ακαδημία Ήλιος ΑΕ",
                ContractNumber = "K-2020-1042",
                TermEndsOn = today.AddDays(200),
                RenewalMonths = 12,
                TimeZone = "Europe/Athens",
                Locale = "en",
                ContactName = "Ελένη Παπαδοπούλου",
                ContactEmail = "eleni@c-1042.example",
            },
        ];

    private SampleCustomer Find(string customerId) =>
        Customers.FirstOrDefault(customer => customer.CustomerId == customerId)
        ?? throw new ArgumentException($"The sample has no customer {customerId}.", nameof(customerId));

    internal static string Script(string name)
    {
        using Stream stream = typeof(SampleLms).Assembly.GetManifestResourceStream(typeof(SampleBuild), name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    [SuppressMessage("Security", "CA2100", Justification = "Scripts of this assembly.")]
    private static async Task RunAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
