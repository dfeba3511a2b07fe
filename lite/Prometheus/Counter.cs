namespace Prometheus;

/// <summary>A number that only grows, for every set of label values.</summary>
public sealed class Counter : Collector<Counter.Child>, ICounter
{
    internal Counter(string name, string help, string[] labelNames, bool suppressInitialValue)
        : base(name, help, labelNames, suppressInitialValue)
    {
    }

    /// <inheritdoc/>
    public double Value => Unlabelled.Value;

    internal override string TypeName => "counter";

    /// <inheritdoc/>
    public void Inc(double increment = 1.0) => Unlabelled.Inc(increment);

    /// <inheritdoc/>
    public void IncTo(double targetValue) => Unlabelled.IncTo(targetValue);

    /// <summary>Shows the value without labels in the exposition.</summary>
    public void Publish() => Unlabelled.Publish();

    /// <summary>Leaves the value without labels out of the exposition until it is changed.</summary>
    public void Unpublish() => Unlabelled.Unpublish();

    private protected override Child NewChild(LabelValues labels, bool publish) => new(this, labels, publish);

    /// <summary>The counter of one set of label values.</summary>
    public sealed class Child : ChildBase, ICounter
    {
        private AtomicDouble _value;

        internal Child(Collector parent, LabelValues labels, bool publish)
            : base(parent, labels, publish)
        {
        }

        /// <inheritdoc/>
        public double Value => _value.Value;

        /// <inheritdoc/>
        public void Inc(double increment = 1.0)
        {
            if (increment < 0.0)
            {
                throw new ArgumentOutOfRangeException(nameof(increment), "Counter value cannot decrease.");
            }

            _value.Add(increment);
            Publish();
        }

        /// <inheritdoc/>
        public void IncTo(double targetValue)
        {
            _value.RaiseTo(targetValue);
            Publish();
        }

        internal override void Write(ExpositionText text) => text.Point(Parent, "", Labels, null, _value.Value);
    }
}
