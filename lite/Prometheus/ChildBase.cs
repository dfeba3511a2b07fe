namespace Prometheus;

/// <summary>The value of one set of label values. Disposing it forgets the label values.</summary>
public abstract class ChildBase : ICollectorChild, IDisposable
{
    private bool _published;

    private protected ChildBase(Collector parent, LabelValues labels, bool publish)
    {
        Parent = parent;
        Labels = labels;
        _published = publish;
    }

    internal bool IsPublished => Volatile.Read(ref _published);

    private protected Collector Parent { get; }

    private protected LabelValues Labels { get; }

    /// <summary>Shows it in the exposition.</summary>
    public void Publish()
    {
        if (!Volatile.Read(ref _published))
        {
            Volatile.Write(ref _published, true);
        }
    }

    /// <summary>Leaves it out of the exposition until it is changed.</summary>
    public void Unpublish() => Volatile.Write(ref _published, false);

    /// <summary>Forgets these label values; their next use starts anew.</summary>
    public void Remove() => Parent.Remove(Labels);

    /// <inheritdoc/>
    public void Dispose()
    {
        Remove();
        GC.SuppressFinalize(this);
    }

    internal abstract void Write(ExpositionText text);
}
