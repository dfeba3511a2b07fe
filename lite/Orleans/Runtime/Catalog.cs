using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The activations of this silo, at most one of each grain.</summary>
internal sealed class Catalog(
    IServiceProvider services, GrainClassMap classes, IOptions<GrainCollectionOptions> collection, TimeProvider time, SiloLog log)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly Lazy<IGrainFactory> _grainFactory = new(services.GetRequiredService<IGrainFactory>);
    private ITimer? _collector;
    private volatile bool _open;

    internal IServiceProvider Services => services;

    internal TimeProvider Time => time;

    internal SiloLog Log => log;

    internal GrainCollectionOptions Collection => collection.Value;

    internal IGrainFactory GrainFactory => _grainFactory.Value;

    internal string SiloIdentity { get; } = $"silo-{Environment.ProcessId}";

    /// <summary>Whether grains can be activated: between the silo's start and its stop.</summary>
    internal bool IsOpen => _open;

    internal void Open()
    {
        _open = true;
        _collector = time.CreateTimer(_ => Collect(), null, Collection.CollectionQuantum, Collection.CollectionQuantum);
    }

    /// <summary>Ends every activation and waits for it.</summary>
    internal async Task CloseAsync(CancellationToken cancellationToken)
    {
        _open = false;
        _collector?.Dispose();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is stopping.");
        while (!_activations.IsEmpty)
        {
            Activation[] activations = [.. _activations.Values];
            foreach (Activation activation in activations)
            {
                activation.Deactivate(reason, cancellationToken);
            }

            await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Hands a request to the grain's activation, a new one when there is none.</summary>
    internal void Dispatch(GrainId grainId, GrainRequest request)
    {
        while (true)
        {
            if (!_activations.TryGetValue(grainId, out Activation? activation))
            {
                if (!_open)
                {
                    request.Fail(new SiloUnavailableException($"The silo is not running, so grain '{grainId}' can not be activated."));
                    return;
                }

                GrainClass? grainClass = classes.Find(grainId.Type);
                if (grainClass is null)
                {
                    request.Fail(new OrleansMessageRejectionException($"No grain class of this silo has the grain type '{grainId.Type}'."));
                    return;
                }

                activation = _activations.GetOrAdd(grainId, new Activation(grainId, grainClass, this));
            }

            if (activation.TryEnqueue(request))
            {
                return;
            }

            Remove(activation);
        }
    }

    internal void Remove(Activation activation) =>
        _activations.TryRemove(new KeyValuePair<GrainId, Activation>(activation.GrainId, activation));

    internal TimeSpan CollectionAge(GrainClass grainClass) =>
        Collection.ClassSpecificCollectionAge.TryGetValue(grainClass.Type.FullName!, out TimeSpan age) ? age : Collection.CollectionAge;

    private void Collect()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (Activation activation in _activations.Values)
        {
            activation.CollectIfIdle(now);
        }
    }
}
