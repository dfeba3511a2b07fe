using System.Runtime.InteropServices;
using Winnow.GpuWorker.Kernels.Sampling;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// How the rows of a draw lie on every device: the model's own logits first, then copies of the rows that are edited, so that what was computed can still be asked for. Lists are reused.
/// </summary>
internal sealed class DrawLayout
{
    private readonly List<RowPlaces> _places = [];
    private readonly List<int> _edited = [];
    private readonly List<int> _masked = [];
    private readonly List<GrammarMask> _masks = [];
    private readonly List<int> _weighed = [];
    private readonly List<CandidateAsk> _asks = [];

    /// <summary>Rows of the model's own logits.</summary>
    public int Rows => _places.Count;

    /// <summary>Rows of logits in all: those, then the edited copies.</summary>
    public int LogitRows => Rows + _edited.Count;

    /// <summary>Where what each row asks for lies.</summary>
    public ReadOnlySpan<RowPlaces> Places => CollectionsMarshal.AsSpan(_places);

    /// <summary>The row that each edited one is a copy of.</summary>
    public ReadOnlySpan<int> Edited => CollectionsMarshal.AsSpan(_edited);

    /// <summary>Rows of logits that have a mask.</summary>
    public ReadOnlySpan<int> Masked => CollectionsMarshal.AsSpan(_masked);

    /// <summary>Their masks.</summary>
    public ReadOnlySpan<GrammarMask> Masks => CollectionsMarshal.AsSpan(_masks);

    /// <summary>Rows of logits whose weights are summed.</summary>
    public ReadOnlySpan<int> Weighed => CollectionsMarshal.AsSpan(_weighed);

    /// <summary>Candidates wanted of which rows of logits.</summary>
    public ReadOnlySpan<CandidateAsk> Asks => CollectionsMarshal.AsSpan(_asks);

    /// <summary>Lays rows out.</summary>
    public void Build(ReadOnlySpan<RowAsk> asks)
    {
        _places.Clear();
        _edited.Clear();
        _masked.Clear();
        _masks.Clear();
        _weighed.Clear();
        _asks.Clear();
        for (int row = 0; row < asks.Length; row++)
        {
            ref readonly RowAsk ask = ref asks[row];
            int drawn = row;
            if (ask.Edits)
            {
                drawn = asks.Length + _edited.Count;
                _edited.Add(row);
            }
            if (ask.Mask is { } mask)
            {
                _masked.Add(drawn);
                _masks.Add(mask);
            }
            _places.Add(new RowPlaces(drawn, ask.Weighs ? Add(_weighed, drawn) : -1, Wanted(row, ask.Likeliest), Wanted(drawn, ask.Best)));
        }
    }

    private int Wanted(int row, int wanted) => wanted > 0 ? Add(_asks, new CandidateAsk { Row = row, Wanted = wanted }) : -1;

    private static int Add<T>(List<T> list, T item)
    {
        list.Add(item);
        return list.Count - 1;
    }
}
