namespace Orleans.Runtime;

/// <summary>How far an activation is in its life.</summary>
internal enum ActivationStage
{
    /// <summary>Without a call yet.</summary>
    Created,

    /// <summary>The grain object is being made and told so.</summary>
    Activating,

    /// <summary>Taking calls.</summary>
    Active,

    /// <summary>Finishing the calls that run; those that wait go to the next activation.</summary>
    Deactivating,

    /// <summary>Ended.</summary>
    Dead,
}
