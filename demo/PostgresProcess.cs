using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Portability.Demo;

/// <summary>
/// A PostgreSQL server of one's own: a new cluster in a temporary folder, on a free loopback port, with a password made for this run.
/// It trades durability for speed, so it is for tests, benchmarks and samples.
/// </summary>
/// <remarks>
/// The server refuses to run as root, so root starts it as the user <c>postgres</c> (or <c>nobody</c>). A shell stands between: it waits
/// for the end of its input, which comes also when this process is killed, stops the server by its id and removes the folder.
/// </remarks>
public sealed class PostgresProcess : IAsyncDisposable
{
    private const string User = "portability";
    private const string Guard = """
        home=$1; shift
        "$@" >"$home/log" 2>&1 &
        server=$!
        ( while kill -0 $server 2>/dev/null; do sleep 1; done; kill -TERM $$ 2>/dev/null ) &
        watch=$!
        trap 'exit 1' TERM
        read -r _
        trap '' TERM
        kill $watch
        kill -INT $server 2>/dev/null
        wait $server
        rm -rf "$home"
        """;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process guard;
    private readonly string folder;

    private PostgresProcess(Process guard, string folder, string connectionString)
    {
        this.guard = guard;
        this.folder = folder;
        ConnectionString = connectionString;
    }

    /// <summary>Connection string of the server's own database, as a superuser.</summary>
    public string ConnectionString { get; }

    /// <summary>The same for another database of the server.</summary>
    public string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database }.ToString();

    /// <summary>Makes a cluster, starts the server and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed or did not start; the message has its output.</exception>
    public static async Task<PostgresProcess> StartAsync(CancellationToken cancellationToken = default)
    {
        string home = Directory.CreateTempSubdirectory("portability-postgres-").FullName;
        string data = Path.Combine(home, "data");
        string password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        string secret = Path.Combine(home, "password");
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(secret, password, cancellationToken);
        string[] asUser = AsUser();
        if (asUser.Length > 0)
        {
            await RunAsync(["chown", "-R", asUser[^1], home], cancellationToken);
        }

        await RunAsync(
            [
                .. Prefix(asUser),
                Program("initdb"),
                "--pgdata=" + data,
                "--username=" + User,
                "--pwfile=" + secret,
                // Not scram: its many rounds cost every connection milliseconds, and the loopback carries no secret of worth.
                "--auth=password",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            cancellationToken
        );
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ServeAsync(home, data, password, asUser, cancellationToken);
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                // Somebody else may have taken the port between choosing and listening.
            }
        }
    }

    /// <summary>Stops the server and removes its files.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!guard.HasExited)
        {
            guard.StandardInput.Close();
            await guard.WaitForExitAsync();
        }

        guard.Dispose();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Path of a PostgreSQL program; Debian keeps the server's own outside PATH.</summary>
    public static string Program(string name)
    {
        IEnumerable<string> folders = Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(path => path, StringComparer.Ordinal)
                .Select(path => Path.Combine(path, "bin"))
            : [];
        folders = folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator));
        return folders.Select(path => Path.Combine(path, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"PostgreSQL's '{name}' is not installed (Debian package: postgresql)."
            );
    }

    private static async Task<PostgresProcess> ServeAsync(
        string folder,
        string data,
        string password,
        string[] asUser,
        CancellationToken cancellationToken
    )
    {
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        string[] settings =
        [
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "autovacuum=off",
            "shared_buffers=128MB",
            "max_wal_size=4GB",
            "max_connections=120",
            "unix_socket_directories=",
            "listen_addresses=127.0.0.1",
            "port=" + port,
        ];
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        string[] command = [.. Prefix(asUser), Program("postgres"), "-D", data];
        foreach (
            string argument in (string[])
                ["-c", Guard, "guard", folder, .. command, .. settings.SelectMany(setting => (string[])["-c", setting])]
        )
        {
            start.ArgumentList.Add(argument);
        }

        Process shell = Process.Start(start)!;
        PostgresProcess server = new(
            shell,
            folder,
            $"Host=127.0.0.1;Port={port};Username={User};Password={password};Database=postgres;Timeout=15"
        );
        try
        {
            await server.AnswersAsync(cancellationToken);
            return server;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            string log = Path.Combine(folder, "log");
            string output = File.Exists(log) ? await File.ReadAllTextAsync(log, CancellationToken.None) : "";
            shell.Kill(entireProcessTree: true);
            shell.Dispose();
            throw new InvalidOperationException($"PostgreSQL did not start.{Environment.NewLine}{output}", failure);
        }
    }

    private async Task AnswersAsync(CancellationToken cancellationToken)
    {
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using NpgsqlConnection connection = new(ConnectionString + ";Pooling=false");
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException) when (!guard.HasExited && Stopwatch.GetElapsedTime(begun) < StartTimeout)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Nothing, or for root how to become a user that PostgreSQL accepts; the user's name is last.</summary>
    private static string[] AsUser()
    {
        if (Environment.UserName != "root")
        {
            return [];
        }

        string user = File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal))
            ? "postgres"
            : "nobody";
        return ["setpriv", "--clear-groups", "--reuid", user, "--regid", user == "nobody" ? "nogroup" : user, user];
    }

    private static string[] Prefix(string[] asUser) => asUser.Length == 0 ? [] : asUser[..^1];

    private static async Task RunAsync(string[] command, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        foreach (string argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{command[^1]}: {string.Join(' ', command)} failed: {errors}{await output}"
            );
        }
    }
}
