using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Rows;
using Winnow.GpuWorker.Kernels.Sampling;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// Draws from the logits of one device, all tokens or a part of them: edits and masks copies of rows, draws, finds candidates and sums, and fetches what was found. Buffers grow with the
/// largest draw seen; nothing is allocated in a step.
/// </summary>
internal sealed class RankDraws : IDisposable
{
    private readonly Accelerator _accelerator;
    private readonly int _firstToken;
    private readonly int _tokens;
    private readonly int _maskWords;
    private readonly GatherOp _gather;
    private readonly LogitEditOp _edit;
    private readonly LogitMaskOp _mask;
    private readonly DrawOp _draw;
    private readonly CandidateOp _candidate;
    private readonly LogitWeightOp _weigh;
    private readonly Staging<int> _rows;
    private readonly Staging<LogitEdit> _edits;
    private readonly Staging<LogitPenalties> _penalties;
    private readonly Staging<ulong> _masks;
    private readonly Staging<DrawParameters> _parameters;
    private readonly Staging<CandidateAsk> _asks;
    private readonly Staging<DrawResult> _results;
    private readonly Staging<Candidate> _candidates;
    private readonly Staging<int> _counts;
    private readonly Staging<double> _sums;
    private readonly Staging<float> _row;
    private MemoryBuffer1D<float, Stride1D.Dense>? _logits;
    private DrawLayout _layout = new();
    private int _editCount;
    private int _wanted;

    /// <summary>Loads the kernels.</summary>
    /// <param name="kernels">Kernels of the device.</param>
    /// <param name="firstToken">Id of the device's first token.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="vocabulary">V: tokens of all devices.</param>
    /// <param name="traffic">Counts what is fetched.</param>
    public RankDraws(DeviceKernels kernels, int firstToken, int tokens, int vocabulary, HostTraffic traffic)
    {
        Accelerator accelerator = kernels.Accelerator;
        (_accelerator, _firstToken, _tokens) = (accelerator, firstToken, tokens);
        _maskWords = GrammarMask.WordsFor(vocabulary);
        _gather = kernels.Gather;
        _edit = new LogitEditOp(accelerator);
        _mask = new LogitMaskOp(accelerator);
        _draw = new DrawOp(accelerator, tokens, mostRows: 1, firstToken);
        _candidate = new CandidateOp(accelerator, tokens, firstToken);
        _weigh = new LogitWeightOp(accelerator);
        _rows = new Staging<int>(accelerator);
        _edits = new Staging<LogitEdit>(accelerator);
        _penalties = new Staging<LogitPenalties>(accelerator);
        _masks = new Staging<ulong>(accelerator);
        _parameters = new Staging<DrawParameters>(accelerator);
        _asks = new Staging<CandidateAsk>(accelerator);
        _results = new Staging<DrawResult>(accelerator, traffic);
        _candidates = new Staging<Candidate>(accelerator, traffic);
        _counts = new Staging<int>(accelerator, traffic);
        _sums = new Staging<double>(accelerator, traffic);
        _row = new Staging<float>(accelerator, traffic);
    }

    /// <summary>Where the model's own logits of a draw belong (rows x the device's tokens).</summary>
    public RowsView Logits => View(0);

    private int Stride => RowsView.StrideOf(_tokens);

    /// <summary>Makes room for a draw and uploads what is asked.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="layout">How its rows lie; stays as it is until the draw is read.</param>
    /// <param name="draws">What is asked.</param>
    public void Send(AcceleratorStream stream, DrawLayout layout, LogitDraws draws)
    {
        _layout = layout;
        Reserve();
        SendRows(stream);
        SendEdits(stream, draws);
        SendMasks(stream);
        SendParameters(stream, draws.Asks);
        _wanted = SendAsks(stream);
    }

    /// <summary>Launches the draw and the copies of what it finds.</summary>
    public void Start(AcceleratorStream stream)
    {
        int rows = _layout.LogitRows;
        int edited = _layout.Edited.Length;
        RowsView all = View(0);
        if (edited > 0)
        {
            RowsView copies = View(_layout.Rows);
            _gather.Run(stream, all, _rows.Device.SubView(0, edited), copies);
            _edit.Run(stream, edited, copies, _edits.Device, _editCount, _penalties.Device);
            _mask.Run(stream, rows, all, _rows.Device.SubView(edited, _layout.Masked.Length), _masks.Device, _maskWords, _firstToken);
        }
        _draw.Run(stream, rows, all, _parameters.Device, _results.Device);
        _results.Fetch(stream, _results.Device.SubView(0, rows));
        if (_layout.Weighed.Length > 0)
        {
            ArrayView<int> weighed = _rows.Device.SubView(edited + _layout.Masked.Length, _layout.Weighed.Length);
            _weigh.Run(stream, rows, all, weighed, _parameters.Device, _results.Device, _sums.Device);
            _sums.Fetch(stream, _sums.Device.SubView(0, _layout.Weighed.Length * LogitWeightOp.SumsOf(_tokens)));
        }
        if (_layout.Asks.Length > 0)
        {
            _candidate.Run(stream, rows, all, _asks.Device.SubView(0, _layout.Asks.Length), _candidates.Device, _counts.Device);
            _candidates.Fetch(stream, _candidates.Device.SubView(0, _wanted));
            _counts.Fetch(stream, _counts.Device.SubView(0, _layout.Asks.Length));
        }
    }

    /// <summary>What was drawn in a row of logits; once the stream is done.</summary>
    public ref readonly DrawResult Drawn(int row) => ref _results.Host[row];

    /// <summary>The sum of weights of one of the weighed rows, relative to that of its largest logit here.</summary>
    public double Weights(int place)
    {
        int segments = LogitWeightOp.SumsOf(_tokens);
        double sum = 0;
        foreach (double part in _sums.Host.Slice(place * segments, segments))
        {
            sum += part;
        }
        return sum;
    }

    /// <summary>Candidates of one of the asks, best first.</summary>
    /// <param name="place">The ask.</param>
    /// <param name="hasAll">No other token here can be drawn.</param>
    public ReadOnlySpan<Candidate> Candidates(int place, out bool hasAll)
    {
        CandidateAsk ask = _asks.Host[place];
        int count = _counts.Host[place];
        hasAll = count < ask.Wanted || ask.Wanted == _tokens;
        return _candidates.Host.Slice(ask.First, count);
    }

    /// <summary>Fetches the device's part of a row of the model's own logits.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="row">Row.</param>
    /// <param name="logits">All logits of the row (V).</param>
    public void Read(AcceleratorStream stream, int row, Span<float> logits)
    {
        _row.Reserve(_tokens);
        _row.Fetch(stream, _logits!.View.BaseView.SubView((long)row * Stride, _tokens));
        stream.Synchronize();
        _row.Host[.._tokens].CopyTo(logits[_firstToken..]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _logits?.Dispose();
        _draw.Dispose();
        _candidate.Dispose();
        _rows.Dispose();
        _edits.Dispose();
        _penalties.Dispose();
        _masks.Dispose();
        _parameters.Dispose();
        _asks.Dispose();
        _results.Dispose();
        _candidates.Dispose();
        _counts.Dispose();
        _sums.Dispose();
        _row.Dispose();
    }

    private RowsView View(int firstRow)
    {
        long first = (long)firstRow * Stride;
        return new RowsView(_logits!.View.BaseView.SubView(first, _logits.Length - first), _tokens, Stride);
    }

    private void Reserve()
    {
        int rows = _layout.LogitRows;
        _draw.Reserve(rows);
        _results.Reserve(rows);
        long floats = (long)rows * Stride;
        if (_logits is null || _logits.Length < floats)
        {
            long room = Math.Max(floats, 2 * (_logits?.Length ?? 0));
            _accelerator.Synchronize();
            _logits?.Dispose();
            _logits = _accelerator.Allocate1D<float>(room);
        }
    }

    private void SendRows(AcceleratorStream stream)
    {
        int count = _layout.Edited.Length + _layout.Masked.Length + _layout.Weighed.Length;
        _rows.Reserve(count);
        _layout.Edited.CopyTo(_rows.Host);
        _layout.Masked.CopyTo(_rows.Host[_layout.Edited.Length..]);
        _layout.Weighed.CopyTo(_rows.Host[(count - _layout.Weighed.Length)..]);
        _rows.Send(stream, count);
        _sums.Reserve((long)_layout.Weighed.Length * LogitWeightOp.SumsOf(_tokens));
    }

    private void SendEdits(AcceleratorStream stream, LogitDraws draws)
    {
        _edits.Reserve(draws.Edits.Length);
        _editCount = 0;
        foreach (ref readonly LogitEdit edit in draws.Edits)
        {
            if ((uint)(edit.Token - _firstToken) < (uint)_tokens)
            {
                LogitEdit own = edit;
                own.Row = _layout.Places[edit.Row].Drawn - _layout.Rows;
                own.Token -= _firstToken;
                _edits.Host[_editCount++] = own;
            }
        }
        LogitEditOp.Require(_edits.Host[.._editCount], _layout.Edited.Length, _tokens);
        _edits.Send(stream, _editCount);
        _penalties.Reserve(_layout.Edited.Length);
        for (int i = 0; i < _layout.Edited.Length; i++)
        {
            _penalties.Host[i] = draws.Asks[_layout.Edited[i]].Penalties;
        }
        _penalties.Send(stream, _layout.Edited.Length);
    }

    private void SendMasks(AcceleratorStream stream)
    {
        int words = _layout.Masks.Length * _maskWords;
        _masks.Reserve(words);
        for (int i = 0; i < _layout.Masks.Length; i++)
        {
            _layout.Masks[i].CopyTo(_masks.Host.Slice(i * _maskWords, _maskWords));
        }
        _masks.Send(stream, words);
    }

    // A row with an edited copy is only looked through itself: no noise is made for it.
    private void SendParameters(AcceleratorStream stream, ReadOnlySpan<RowAsk> asks)
    {
        int rows = _layout.LogitRows;
        _parameters.Reserve(rows);
        Span<DrawParameters> parameters = _parameters.Host[..rows];
        parameters.Clear();
        for (int row = 0; row < asks.Length; row++)
        {
            if (asks[row].Draws)
            {
                parameters[_layout.Places[row].Drawn] = asks[row].Parameters;
            }
        }
        _parameters.Send(stream, rows);
    }

    private int SendAsks(AcceleratorStream stream)
    {
        ReadOnlySpan<CandidateAsk> asks = _layout.Asks;
        _asks.Reserve(asks.Length);
        Span<CandidateAsk> own = _asks.Host[..asks.Length];
        asks.CopyTo(own);
        foreach (ref CandidateAsk ask in own)
        {
            ask.Wanted = Math.Min(ask.Wanted, _tokens);
        }
        int wanted = _candidate.Prepare(own, _layout.LogitRows);
        _asks.Send(stream, asks.Length);
        _candidates.Reserve(wanted);
        _counts.Reserve(asks.Length);
        return wanted;
    }
}
