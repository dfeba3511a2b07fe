using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>Which replica counts on how much of which worker's memory, so that no two count on the same bytes.</summary>
internal sealed class ClaimLedger
{
    private readonly Dictionary<string, IReadOnlyList<MemoryClaim>> _claims = new(StringComparer.Ordinal);

    /// <summary>The claims on a worker, an array.</summary>
    public IReadOnlyList<MemoryClaim> Of(string workerId) => _claims.Values.SelectMany(c => c).Where(c => c.WorkerId == workerId).ToArray();

    /// <summary>Puts claims in the place of all that a replica has, unless one of them is more than its worker has left, or another replica was quicker.</summary>
    /// <param name="replica">Who claims.</param>
    /// <param name="claims">What; none to give everything back.</param>
    /// <param name="seen">Claims of others that were planned with, so that two that plan at the same moment do not choose the same worker; <see langword="null"/> for any.</param>
    /// <param name="memoryOf">Memory of a worker in bytes, <see langword="null"/> for one that is not known and so not judged.</param>
    public bool TryReplace(string replica, IReadOnlyList<MemoryClaim> claims, IReadOnlyList<MemoryClaim>? seen, Func<string, long?> memoryOf)
    {
        foreach (IGrouping<string, MemoryClaim> worker in claims.GroupBy(c => c.WorkerId, StringComparer.Ordinal))
        {
            MemoryClaim[] others = [.. _claims.Where(entry => entry.Key != replica).SelectMany(entry => entry.Value).Where(c => c.WorkerId == worker.Key)];
            bool isTooMuch = memoryOf(worker.Key) is { } memory && others.Sum(c => c.Bytes) + worker.Sum(c => c.Bytes) > memory;
            if (isTooMuch || (seen is not null && others.Except(seen).Any()))
            {
                return false;
            }
        }
        _claims.Remove(replica);
        if (claims.Count > 0)
        {
            _claims[replica] = claims;
        }
        return true;
    }
}
