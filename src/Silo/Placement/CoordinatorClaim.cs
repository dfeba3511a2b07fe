namespace Winnow.Silo.Placement;

/// <summary>A gateway that has a replica's lease, or asks for it.</summary>
/// <param name="GatewayId">Its id, another one for every process; empty for nobody.</param>
/// <param name="Address">Where other gateways reach it; empty when they do not.</param>
/// <param name="Socket">Name of a socket on which it listens; empty when it is not known.</param>
internal sealed record Claimant(string GatewayId, string Address, string Socket = "")
{
    /// <summary>No gateway.</summary>
    public static Claimant Nobody { get; } = new("", "");

    /// <summary>Whether this process listens where the other one did: two cannot, so the other one is gone.</summary>
    public bool HasTakenThePlaceOf(Claimant other) => Socket.Length > 0 && Socket == other.Socket && GatewayId != other.GatewayId;
}

/// <summary>Which gateway may coordinate a replica, and until when. Time comes from outside.</summary>
internal sealed class CoordinatorClaim
{
    // Who waits asks more often than this; gateways check that of their interval.
    private static readonly TimeSpan WaitingFor = TimeSpan.FromSeconds(5);

    private Claimant _waiting = Claimant.Nobody;
    private DateTimeOffset _askedAt;
    private string _gaveUp = "";
    private DateTimeOffset _gaveUpAt;

    /// <summary>The gateway that has the claim, or <see cref="Claimant.Nobody"/>.</summary>
    public Claimant Holder { get; private set; } = Claimant.Nobody;

    /// <summary>When the claim ends unless renewed.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>Whether the holder took the claim from a gateway that had not given it back.</summary>
    public bool IsTakeover { get; private set; }

    /// <summary>Whether a gateway may take or renew the claim.</summary>
    public bool IsOpenTo(Claimant gateway, DateTimeOffset now) =>
        Holder == Claimant.Nobody || !Changes(gateway.GatewayId) || now >= ExpiresAt || gateway.HasTakenThePlaceOf(Holder);

    /// <summary>Whether taking the claim changes its holder, and so the epoch. A holder whose claim expired unnoticed may go on.</summary>
    public bool Changes(string gatewayId) => Holder.GatewayId != gatewayId;

    /// <summary>Takes or renews the claim.</summary>
    public void Take(Claimant gateway, DateTimeOffset until)
    {
        if (Changes(gateway.GatewayId))
        {
            IsTakeover = Holder != Claimant.Nobody;
        }
        (Holder, ExpiresAt) = (gateway, until);
        if (_waiting.GatewayId == gateway.GatewayId)
        {
            _waiting = Claimant.Nobody;
        }
    }

    /// <summary>A gateway asks in vain. One that has just given the claim on may have asked before it did, and is not waiting.</summary>
    public void Refuse(Claimant gateway, DateTimeOffset now)
    {
        if (gateway.Address.Length > 0 && !(gateway.GatewayId == _gaveUp && now - _gaveUpAt <= WaitingFor))
        {
            (_waiting, _askedAt) = (gateway, now);
        }
    }

    /// <summary>
    /// Gives the claim of a gateway to whoever asked in vain lately; <see langword="false"/> when there is nobody, or the gateway does not hold it. The gateway itself waits for it no longer.
    /// </summary>
    public bool HandOver(string gatewayId, DateTimeOffset now, DateTimeOffset until)
    {
        if (_waiting.GatewayId == gatewayId)
        {
            _waiting = Claimant.Nobody;
        }
        if (Changes(gatewayId) || _waiting == Claimant.Nobody || now - _askedAt > WaitingFor)
        {
            return false;
        }
        (_gaveUp, _gaveUpAt) = (gatewayId, now);
        Take(_waiting, until);
        return true;
    }

    /// <summary>Gives the claim back; does nothing when someone else holds it.</summary>
    public void Release(string gatewayId)
    {
        if (!Changes(gatewayId))
        {
            (Holder, ExpiresAt) = (Claimant.Nobody, default);
        }
    }
}
