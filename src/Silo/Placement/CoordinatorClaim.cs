namespace Winnow.Silo.Placement;

/// <summary>Which gateway may coordinate a replica, and until when. Time comes from outside.</summary>
internal sealed class CoordinatorClaim
{
    // Who waits asks more often than this.
    private static readonly TimeSpan WaitingFor = TimeSpan.FromSeconds(5);

    private string _waiting = "";
    private string _waitingAddress = "";
    private DateTimeOffset _askedAt;

    /// <summary>Gateway id of the holder, empty when there is none.</summary>
    public string Holder { get; private set; } = "";

    /// <summary>Address of the holder's gateway.</summary>
    public string HolderAddress { get; private set; } = "";

    /// <summary>When the claim ends unless renewed.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>Whether a gateway may take or renew the claim.</summary>
    public bool IsOpenTo(string gatewayId, DateTimeOffset now) => Holder.Length == 0 || Holder == gatewayId || now >= ExpiresAt;

    /// <summary>Whether taking the claim changes its holder, and so the epoch. A holder whose claim expired unnoticed may go on.</summary>
    public bool Changes(string gatewayId) => Holder != gatewayId;

    /// <summary>Takes or renews the claim.</summary>
    public void Take(string gatewayId, string address, DateTimeOffset until) => (Holder, HolderAddress, ExpiresAt) = (gatewayId, address, until);

    /// <summary>A gateway asks in vain.</summary>
    public void Refuse(string gatewayId, string address, DateTimeOffset now)
    {
        if (address.Length > 0)
        {
            (_waiting, _waitingAddress, _askedAt) = (gatewayId, address, now);
        }
    }

    /// <summary>Gives the claim of a gateway to whoever asked in vain lately; <see langword="false"/> when there is nobody, or the gateway does not hold it.</summary>
    public bool HandOver(string gatewayId, DateTimeOffset now, DateTimeOffset until)
    {
        if (Holder != gatewayId || _waiting.Length == 0 || _waiting == gatewayId || now - _askedAt > WaitingFor)
        {
            return false;
        }
        Take(_waiting, _waitingAddress, until);
        _waiting = "";
        return true;
    }

    /// <summary>Gives the claim back; does nothing when someone else holds it.</summary>
    public void Release(string gatewayId)
    {
        if (Holder == gatewayId)
        {
            (Holder, HolderAddress, ExpiresAt) = ("", "", default);
        }
    }
}
