namespace Prometheus;

/// <summary>Observations counted by size, for every set of label values.</summary>
public sealed class Histogram : Collector<Histogram.Child>, IHistogram
{
    private static readonly double[] DefaultBuckets = [.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10];

    private readonly double[] _bounds;
    private readonly string[] _boundLabels;

    internal Histogram(string name, string help, string[] labelNames, bool suppressInitialValue, double[]? buckets)
        : base(name, help, labelNames, suppressInitialValue)
    {
        if (labelNames.Contains("le"))
        {
            throw new ArgumentException($"Histogram '{name}' can not have the label 'le': it names the buckets.");
        }

        double[] bounds = buckets ?? DefaultBuckets;
        if (bounds.Length == 0)
        {
            throw new ArgumentException("Histogram must have at least one bucket");
        }

        _bounds = double.IsPositiveInfinity(bounds[^1]) ? [.. bounds] : [.. bounds, double.PositiveInfinity];
        for (int i = 1; i < _bounds.Length; i++)
        {
            if (!(_bounds[i] > _bounds[i - 1]))
            {
                throw new ArgumentException("Bucket values must be increasing");
            }
        }

        _boundLabels = [.. _bounds.Select(ExpositionText.Format)];
    }

    /// <inheritdoc/>
    public double Sum => Unlabelled.Sum;

    /// <inheritdoc/>
    public long Count => Unlabelled.Count;

    internal override string TypeName => "histogram";

    /// <summary>Bounds that grow by a factor: start, start * factor, ...</summary>
    /// <param name="start">First bound, above 0.</param>
    /// <param name="factor">Above 1.</param>
    /// <param name="count">How many, above 0.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public static double[] ExponentialBuckets(double start, double factor, int count)
    {
        Require(count > 0, $"{nameof(ExponentialBuckets)} needs a positive {nameof(count)}");
        Require(start > 0, $"{nameof(ExponentialBuckets)} needs a positive {nameof(start)}");
        Require(factor > 1, $"{nameof(ExponentialBuckets)} needs a {nameof(factor)} greater than 1");
        return Progression(start, count, bound => bound * (decimal)factor);
    }

    /// <summary>Bounds that grow by a width: start, start + width, ...</summary>
    /// <param name="start">First bound.</param>
    /// <param name="width">Distance between bounds.</param>
    /// <param name="count">How many, above 0.</param>
    /// <exception cref="ArgumentException"><paramref name="count"/> is not above 0.</exception>
    public static double[] LinearBuckets(double start, double width, int count)
    {
        Require(count > 0, $"{nameof(LinearBuckets)} needs a positive {nameof(count)}");
        return Progression(start, count, bound => bound + (decimal)width);
    }

    /// <inheritdoc/>
    public void Observe(double val) => Unlabelled.Observe(val, 1);

    /// <inheritdoc/>
    public void Observe(double val, long count) => Unlabelled.Observe(val, count);

    /// <summary>Shows the value without labels in the exposition.</summary>
    public void Publish() => Unlabelled.Publish();

    /// <summary>Leaves the value without labels out of the exposition until it is changed.</summary>
    public void Unpublish() => Unlabelled.Unpublish();

    private protected override Child NewChild(LabelValues labels, bool publish) => new(this, labels, publish);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }

    // Decimal steps, so that 0.1 times 2 twice is written 0.4 and not 0.40000000000000002.
    private static double[] Progression(double start, int count, Func<decimal, decimal> next)
    {
        var bounds = new double[count];
        decimal bound = (decimal)start;
        for (int i = 0; i < count; i++)
        {
            bounds[i] = (double)bound;
            bound = i + 1 < count ? next(bound) : bound;
        }

        return bounds;
    }

    /// <summary>The histogram of one set of label values.</summary>
    public sealed class Child : ChildBase, IHistogram
    {
        private readonly Histogram _histogram;
        private readonly long[] _counts;
        private AtomicDouble _sum;

        internal Child(Histogram histogram, LabelValues labels, bool publish)
            : base(histogram, labels, publish)
        {
            _histogram = histogram;
            _counts = new long[histogram._bounds.Length];
        }

        /// <inheritdoc/>
        public double Sum => _sum.Value;

        /// <inheritdoc/>
        public long Count
        {
            get
            {
                long total = 0;
                for (int i = 0; i < _counts.Length; i++)
                {
                    total += Volatile.Read(ref _counts[i]);
                }

                return total;
            }
        }

        /// <inheritdoc/>
        public void Observe(double val) => Observe(val, 1);

        /// <inheritdoc/>
        public void Observe(double val, long count)
        {
            if (double.IsNaN(val))
            {
                return;
            }

            double[] bounds = _histogram._bounds;
            int bucket = 0;
            while (val > bounds[bucket])
            {
                bucket++;
            }

            Interlocked.Add(ref _counts[bucket], count);
            _sum.Add(val * count);
            Publish();
        }

        internal override void Write(ExpositionText text)
        {
            // Read each bucket once: the count line must equal the last bucket line even while others observe.
            long[] counts = [.. _counts];
            text.Point(Parent, "_sum", Labels, null, _sum.Value);
            text.Point(Parent, "_count", Labels, null, counts.Sum());
            long cumulative = 0;
            for (int i = 0; i < counts.Length; i++)
            {
                cumulative += counts[i];
                text.Point(Parent, "_bucket", Labels, _histogram._boundLabels[i], cumulative);
            }
        }
    }
}
