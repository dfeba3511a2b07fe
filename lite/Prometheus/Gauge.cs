namespace Prometheus;

/// <summary>A number that goes up and down, for every set of label values.</summary>
public sealed class Gauge : Collector<Gauge.Child>, IGauge
{
    internal Gauge(string name, string help, string[] labelNames, bool suppressInitialValue)
        : base(name, help, labelNames, suppressInitialValue)
    {
    }

    /// <inheritdoc/>
    public double Value => Unlabelled.Value;

    internal override string TypeName => "gauge";

    /// <inheritdoc/>
    public void Inc(double increment = 1) => Unlabelled.Inc(increment);

    /// <inheritdoc/>
    public void Set(double val) => Unlabelled.Set(val);

    /// <inheritdoc/>
    public void Dec(double decrement = 1) => Unlabelled.Dec(decrement);

    /// <inheritdoc/>
    public void IncTo(double targetValue) => Unlabelled.IncTo(targetValue);

    /// <inheritdoc/>
    public void DecTo(double targetValue) => Unlabelled.DecTo(targetValue);

    /// <summary>Shows the value without labels in the exposition.</summary>
    public void Publish() => Unlabelled.Publish();

    /// <summary>Leaves the value without labels out of the exposition until it is changed.</summary>
    public void Unpublish() => Unlabelled.Unpublish();

    private protected override Child NewChild(LabelValues labels, bool publish) => new(this, labels, publish);

    /// <summary>The gauge of one set of label values.</summary>
    public sealed class Child : ChildBase, IGauge
    {
        private AtomicDouble _value;

        internal Child(Collector parent, LabelValues labels, bool publish)
            : base(parent, labels, publish)
        {
        }

        /// <inheritdoc/>
        public double Value => _value.Value;

        /// <inheritdoc/>
        public void Inc(double increment = 1)
        {
            _value.Add(increment);
            Publish();
        }

        /// <inheritdoc/>
        public void Set(double val)
        {
            _value.Value = val;
            Publish();
        }

        /// <inheritdoc/>
        public void Dec(double decrement = 1)
        {
            _value.Add(-decrement);
            Publish();
        }

        /// <inheritdoc/>
        public void IncTo(double targetValue)
        {
            _value.RaiseTo(targetValue);
            Publish();
        }

        /// <inheritdoc/>
        public void DecTo(double targetValue)
        {
            _value.LowerTo(targetValue);
            Publish();
        }

        internal override void Write(ExpositionText text) => text.Point(Parent, "", Labels, null, _value.Value);
    }
}
