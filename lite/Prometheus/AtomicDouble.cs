namespace Prometheus;

/// <summary>A double that many threads change without a lock. Initially 0.</summary>
internal struct AtomicDouble
{
    private long _bits;

    internal double Value
    {
        readonly get => BitConverter.Int64BitsToDouble(Volatile.Read(in _bits));
        set => Volatile.Write(ref _bits, BitConverter.DoubleToInt64Bits(value));
    }

    internal void Add(double increment)
    {
        long seen = Volatile.Read(ref _bits);
        while (true)
        {
            long wanted = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(seen) + increment);
            long found = Interlocked.CompareExchange(ref _bits, wanted, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    internal void RaiseTo(double target) => Move(target, up: true);

    internal void LowerTo(double target) => Move(target, up: false);

    private void Move(double target, bool up)
    {
        long seen = Volatile.Read(ref _bits);
        while (true)
        {
            double value = BitConverter.Int64BitsToDouble(seen);
            if (up ? value >= target : value <= target)
            {
                return;
            }

            long found = Interlocked.CompareExchange(ref _bits, BitConverter.DoubleToInt64Bits(target), seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}
