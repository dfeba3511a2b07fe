namespace Winnow.Silo.Placement;

/// <summary>Which gateway may coordinate a replica, and until when. Time comes from outside.</summary>
internal sealed class CoordinatorClaim
{
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

    /// <summary>Gives the claim back; does nothing when someone else holds it.</summary>
    public void Release(string gatewayId)
    {
        if (Holder == gatewayId)
        {
            (Holder, HolderAddress, ExpiresAt) = ("", "", default);
        }
    }
}
