using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// Opens cases, one per contract: the contract is reserved first, then the case opened, then the reservation confirmed.
/// What a dying host leaves between two of these is completed or freed by the sweep.
/// </summary>
public sealed class Openings(TerminationCases cases, Reservations reservations, CaseIndex index, TimeProvider clock)
{
    /// <summary>A case id that the same cause gives again, so that a repeated request finds the case it opened.</summary>
    public static string CaseIdFor(string contractId, string cause) => EventIds.For(contractId, cause, 0);

    /// <summary>Decides and opens. Safe to repeat with the same command and cause.</summary>
    /// <returns>The case, or a refusal: <c>contract-has-open-case</c> or what the rules say.</returns>
    public async Task<CommandOutcome> OpenAsync(
        OpenTermination command,
        string cause,
        IReadOnlyList<PersonalRow> personal,
        CancellationToken cancellation
    )
    {
        // Refused before anything is reserved: a late notice must not hold the contract for a moment.
        if (
            await cases.FindAsync(command.CaseId, cancellation) is null
            && TerminationDecider.Decide(Termination.Unopened, command, clock.GetUtcNow())
                is Decision.Refused { Refusal: var no }
        )
        {
            return new CommandOutcome.Refused(no, Termination.Unopened);
        }
        ReservationOutcome reserved = await reservations.ReserveAsync(
            command.ContractId,
            command.CaseId,
            clock.GetUtcNow(),
            cancellation
        );
        if (reserved is ReservationOutcome.Taken taken)
        {
            return new CommandOutcome.Refused(HasOpenCase(taken.CaseId), Termination.Unopened);
        }
        CommandOutcome outcome = await cases.ExecuteAsync(
            command.CaseId,
            command,
            cause,
            personal,
            expectedVersion: null,
            cancellation
        );
        if (outcome is CommandOutcome.Accepted)
        {
            await reservations.ConfirmAsync(command.ContractId, command.CaseId, cancellation);
        }
        else
        {
            await reservations.FreeAsync(command.ContractId, command.CaseId, cancellation);
        }
        return outcome;
    }

    /// <summary>Completes or frees what was left half made. For the sweep.</summary>
    /// <returns>How many contracts were freed.</returns>
    public async Task<int> SettleHalfMadeAsync(CancellationToken cancellation)
    {
        int freed = 0;
        DateTimeOffset before = clock.GetUtcNow() - Reservations.HalfMadeAge;
        await foreach (HalfMadeReservation half in reservations.HalfMadeAsync(before, cancellation))
        {
            freed += await reservations.SettleAsync(half, cancellation) ? 0 : 1;
        }
        return freed;
    }

    /// <summary>
    /// Whether another contract of the same customer lives: in its term, withdrawn or reinstated, or in a window that is
    /// not yet due for erasure. The customer's data is one; it goes when the last contract is due.
    /// </summary>
    public async Task<bool> OtherContractLivesAsync(Termination state, CancellationToken cancellation)
    {
        foreach (IndexedCase other in await LatestOfOthersAsync(state, cancellation))
        {
            if (await LivesAsync(other, cancellation))
            {
                return true;
            }
        }
        return await OtherCaseIsHeldAsync(state, cancellation);
    }

    /// <summary>The latest case of each other contract of the customer.</summary>
    private async Task<IReadOnlyCollection<IndexedCase>> LatestOfOthersAsync(
        Termination state,
        CancellationToken cancellation
    )
    {
        var latest = new Dictionary<string, IndexedCase>(StringComparer.Ordinal);
        await foreach (IndexedCase found in CasesOfAsync(state.CustomerId, cancellation))
        {
            string contract = found.Summary.ContractId;
            if (
                contract != state.ContractId
                && (
                    !latest.TryGetValue(contract, out IndexedCase? known)
                    || known.Summary.OpenedAt < found.Summary.OpenedAt
                )
            )
            {
                latest[contract] = found;
            }
        }
        return latest.Values;
    }

    /// <summary>
    /// Whether a hold stands on another case of the same customer. The customer's data is one: what is kept for one
    /// dispute must not go by way of another contract.
    /// </summary>
    public async Task<bool> OtherCaseIsHeldAsync(Termination state, CancellationToken cancellation)
    {
        await foreach (IndexedCase found in CasesOfAsync(state.CustomerId, cancellation))
        {
            if (found.CaseId != state.CaseId && found.Summary.OnHold)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether an erasure of another case of the same customer has gone as far as its scan: nothing need be left then.</summary>
    public async Task<bool> OtherCaseHasErasedAsync(Termination state, CancellationToken cancellation)
    {
        await foreach (IndexedCase found in CasesOfAsync(state.CustomerId, cancellation))
        {
            if (
                found.CaseId != state.CaseId
                && found.Summary.Phase is Phase.Erasing or Phase.Closed
                && (await cases.LoadAsync(found.CaseId, cancellation)).State.Erasures.Exists(r =>
                    r.Outcomes is not null
                )
            )
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Whether another contract of the same customer is still served, or waits frozen in its own window: access is the
    /// customer's as a whole, so freezing it takes the service from the one, giving it back opens the other's data.
    /// </summary>
    /// <param name="state">The case that asks.</param>
    /// <param name="inService">True asks for contracts in service, false for those whose access is frozen.</param>
    /// <param name="cancellation">Ends the look.</param>
    public async Task<bool> OtherContractIsAsync(Termination state, bool inService, CancellationToken cancellation)
    {
        foreach (IndexedCase other in await LatestOfOthersAsync(state, cancellation))
        {
            bool served =
                other.Summary.Phase
                is Phase.PendingApproval
                    or Phase.UnderNotice
                    or Phase.Withdrawn
                    or Phase.Reinstated;
            bool frozen = other.Summary.Phase is Phase.ExportWindow or Phase.Erasing;
            if (inService ? served : frozen)
            {
                return true;
            }
        }
        return false;
    }

    private async Task<bool> LivesAsync(IndexedCase other, CancellationToken cancellation) =>
        other.Summary.Phase switch
        {
            Phase.Erasing or Phase.Closed => false,
            Phase.ExportWindow => Lifecycle.ErasureOpens((await cases.LoadAsync(other.CaseId, cancellation)).State)
                is not { } opens
                || opens > clock.GetUtcNow(),
            _ => true,
        };

    /// <summary>All cases of a customer, of whatever contract, ended ones too.</summary>
    public async IAsyncEnumerable<IndexedCase> CasesOfAsync(
        string customerId,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        string? cursor = null;
        do
        {
            CasePage page = await index.ListAsync(
                new CaseFilter { CustomerId = customerId },
                cursor,
                CaseIndex.MaxLimit,
                cancellation
            );
            foreach (IndexedCase found in page.Cases)
            {
                yield return found;
            }
            cursor = page.Cursor;
        } while (cursor is not null);
    }

    private static Refusal HasOpenCase(string caseId) =>
        new(
            RefusalKind.WrongState,
            "contract-has-open-case",
            $"This contract already has an open case, {caseId}.",
            "Go on with that case."
        );
}
