using System.Globalization;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>Freezes, gives back and closes a customer's access with the data map's statements; each call may be repeated.</summary>
public sealed class AccountAccess(MappedSystems systems, TimeProvider clock)
{
    /// <summary>Makes the customer's data read-only and locks its users out.</summary>
    public Task FreezeAsync(string customerId, CancellationToken cancellationToken) =>
        RunAsync(customerId, access => access.Freeze, cancellationToken);

    /// <summary>Gives access back.</summary>
    public Task RestoreAsync(string customerId, CancellationToken cancellationToken) =>
        RunAsync(customerId, access => access.Restore, cancellationToken);

    /// <summary>Ends access for good and marks the tombstone.</summary>
    public Task CloseAsync(string customerId, CancellationToken cancellationToken) =>
        RunAsync(customerId, access => access.Close, cancellationToken);

    private async Task RunAsync(
        string customerId,
        Func<AccessStatements, IReadOnlyList<string>> choose,
        CancellationToken cancellationToken
    )
    {
        foreach (var access in systems.Map.Access)
        {
            var own = systems.For(customerId);
            var source = own.Sql(access.System);
            var plan = await own.PlanAsync(access.System, cancellationToken);
            await using var connection = await source.OpenWriteAsync(cancellationToken);
            await using var transaction = await source.Dialect.BeginBatchAsync(connection, cancellationToken);
            foreach (var statement in choose(access))
            {
                await using var command = connection.Prepare(statement, ("@tenant", own.TenantValue(plan, customerId)));
                if (statement.Contains("@now", StringComparison.Ordinal))
                {
                    command.Bind(
                        "@now",
                        clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
                    );
                }
                command.Transaction = transaction;
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            await transaction.CommitAsync(cancellationToken);
        }
    }
}
