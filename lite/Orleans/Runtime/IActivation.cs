namespace Orleans.Runtime;

/// <summary>What <see cref="Grain"/> needs of the activation around it.</summary>
internal interface IActivation : IGrainContext
{
    /// <summary>References to other grains.</summary>
    IGrainFactory GrainFactory { get; }

    /// <summary>The silo, for logs.</summary>
    string SiloIdentity { get; }

    /// <summary>Starts a timer whose ticks are turns of this activation.</summary>
    IGrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options);

    /// <summary>Keeps the idle collector away for a time.</summary>
    void DelayDeactivation(TimeSpan timeSpan);
}
