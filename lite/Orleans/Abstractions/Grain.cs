using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of grain classes.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Called by derived classes; the runtime makes the object.</summary>
    protected Grain()
        : this(RuntimeContext.Current!)
    {
    }

    /// <summary>For tests that make a grain by hand.</summary>
    protected Grain(IGrainContext grainContext) => GrainContext = grainContext;

    /// <summary>The activation; null when code other than the runtime made the object.</summary>
    [AllowNull]
    public IGrainContext GrainContext { get; }

    /// <summary>The grain's id as text.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>The silo, for logs.</summary>
    public string RuntimeIdentity => (GrainContext as IActivation)?.SiloIdentity ?? "";

    /// <summary>References to other grains.</summary>
    protected IGrainFactory GrainFactory => Activation.GrainFactory;

    /// <summary>Services scoped to the activation.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    internal IActivation Activation => GrainContext as IActivation ?? throw new InvalidOperationException(
        $"Grain '{GetType().FullName}' was not made by the runtime, so it can not use it; get a reference from an IGrainFactory.");

    /// <summary>Runs before the first call, after persistent state was read. An exception fails the calls that wait.</summary>
    /// <param name="cancellationToken">Cancelled when activating takes too long.</param>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last call.</summary>
    /// <param name="reason">Why the activation ends.</param>
    /// <param name="cancellationToken">Cancelled when deactivating takes too long.</param>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation when the calls that run now are finished; the next call makes a new one.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>
    /// Keeps this activation from being collected as idle for a time; <see cref="TimeSpan.Zero"/> takes an earlier call back,
    /// <see cref="Timeout.InfiniteTimeSpan"/> keeps it for good.
    /// </summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Activation.DelayDeactivation(timeSpan);
}
