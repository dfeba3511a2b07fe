namespace Orleans;

/// <summary>Why an activation ends.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>No reason given.</summary>
    None,

    /// <summary>The silo stops.</summary>
    ShuttingDown,

    /// <summary>The activation did not come up.</summary>
    ActivationFailed,

    /// <summary>The grain directory failed; the lite edition never gives it.</summary>
    DirectoryFailure,

    /// <summary>No call came for the collection age.</summary>
    ActivationIdle,

    /// <summary>The activation does not answer; the lite edition never gives it.</summary>
    ActivationUnresponsive,

    /// <summary>Another activation of the grain exists; the lite edition never gives it.</summary>
    DuplicateActivation,

    /// <summary>A request did not fit the activation; the lite edition never gives it.</summary>
    IncompatibleRequest,

    /// <summary>The grain's code threw an exception after which its memory can not be trusted.</summary>
    ApplicationError,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested,
}
