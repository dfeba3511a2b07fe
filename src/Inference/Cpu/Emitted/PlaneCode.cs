using Winnow.Inference.Cpu.Panels;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>Emits the unpacking of code planes (see <see cref="ICodePlanes"/>) into vectors of unsigned bytes.</summary>
internal sealed class PlaneCode
{
    /// <summary>Bytes of a plane.</summary>
    public const int PlaneBytes = 64;

    private const int MainMask = PanelRegisters.Constant;
    private const int ExtraMask = PanelRegisters.Constant + 1;
    private const int Table = PanelRegisters.Constant + 2;
    private const int Shifted = PanelRegisters.Temporary + 2;
    private const int Extra = PanelRegisters.Temporary + 3;

    // The table of vpternlogd for a | (b & c).
    private const byte OrAnd = 0xF8;

    private readonly EvexAssembler _code;
    private readonly int _mainBits;
    private readonly int _extraBits;
    private readonly bool _looksUp;

    private PlaneCode(EvexAssembler code, int mainBits, int extraBits, bool looksUp)
    {
        _code = code;
        _mainBits = mainBits;
        _extraBits = extraBits;
        _looksUp = looksUp;
    }

    /// <summary>Register of the first chunk of <see cref="Unpack"/>.</summary>
    public static int First => PanelRegisters.Temporary;

    /// <summary>Register of the second chunk of <see cref="Unpack"/>.</summary>
    public static int Second => PanelRegisters.Temporary + 1;

    /// <summary>The emitter of one kind of planes.</summary>
    public static PlaneCode For<TCodes>(EvexAssembler code)
        where TCodes : struct, ICodePlanes => default(TCodes) switch
        {
            NibblePlanes => new PlaneCode(code, mainBits: 4, extraBits: 0, looksUp: false),
            NibbleBitPlanes => new PlaneCode(code, mainBits: 4, extraBits: 1, looksUp: false),
            NibblePairPlanes => new PlaneCode(code, mainBits: 4, extraBits: 2, looksUp: false),
            PairPlanes => new PlaneCode(code, mainBits: 2, extraBits: 0, looksUp: false),
            PairBitPlanes => new PlaneCode(code, mainBits: 2, extraBits: 1, looksUp: false),
            BytePlanes => new PlaneCode(code, mainBits: 8, extraBits: 0, looksUp: false),
            CodebookPlanes or MicroFloatPlanes => new PlaneCode(code, mainBits: 4, extraBits: 0, looksUp: true),
            _ => throw new NotSupportedException($"No code is emitted for planes of type '{typeof(TCodes).Name}'."),
        };

    /// <summary>Loads the constants; before the loop.</summary>
    /// <param name="scratch">A register to spoil.</param>
    /// <param name="table">Holds the table's address.</param>
    public void LoadConstants(Gpr scratch, Gpr table)
    {
        Broadcast(scratch, MainMask, ((1 << _mainBits) - 1) * 0x01010101);
        Broadcast(scratch, ExtraMask, (((1 << _extraBits) - 1) << _mainBits) * 0x01010101);
        if (_looksUp)
        {
            _code.Vector(VectorOp.BroadcastTable, Table, 0, new Address(table));
        }
    }

    /// <summary>Puts chunk <paramref name="step"/> into <see cref="First"/> and chunk <paramref name="step"/> + 4 into <see cref="Second"/>.</summary>
    /// <param name="planes">The planes of 32 inputs.</param>
    /// <param name="step">0 to 3.</param>
    public void Unpack(Address planes, int step)
    {
        switch (_mainBits)
        {
            case 8:
                _code.Vector(VectorOp.Load, First, 0, planes.Plus(step * PlaneBytes));
                _code.Vector(VectorOp.Load, Second, 0, planes.Plus((step + 4) * PlaneBytes));
                break;
            case 4:
                _code.Vector(VectorOp.Load, Shifted, 0, planes.Plus(step * PlaneBytes));
                Field(First, 0);
                Field(Second, 4);
                break;
            default:
                _code.Vector(VectorOp.Load, Shifted, 0, planes.Plus(step % 2 * PlaneBytes));
                Field(First, step / 2 * 2);
                Field(Second, (step / 2 * 2) + 4);
                break;
        }
        UnpackExtra(planes.Plus(_mainBits * PlaneBytes), step);
        if (_looksUp)
        {
            _code.Vector(VectorOp.ShuffleBytes, First, Table, First);
            _code.Vector(VectorOp.ShuffleBytes, Second, Table, Second);
        }
    }

    private void UnpackExtra(Address planes, int step)
    {
        if (_extraBits == 0)
        {
            return;
        }
        bool pairs = _extraBits == 2;
        _code.Vector(VectorOp.Load, Extra, 0, pairs ? planes.Plus(step % 2 * PlaneBytes) : planes);
        MergeExtra(First, pairs ? step / 2 * 2 : step);
        MergeExtra(Second, pairs ? (step / 2 * 2) + 4 : step + 4);
    }

    private void Field(int destination, int bit)
    {
        if (bit > 0)
        {
            _code.Shift(VectorOp.ShiftRightWords, destination, Shifted, (byte)bit);
        }
        _code.Vector(VectorOp.And, destination, bit > 0 ? destination : Shifted, MainMask);
    }

    // The extra bits begin at some bit of their plane's bytes and belong above the main bits.
    private void MergeExtra(int destination, int bit)
    {
        int moved = Extra;
        if (bit != _mainBits)
        {
            moved = Extra + 1;
            VectorOp shift = bit < _mainBits ? VectorOp.ShiftLeftWords : VectorOp.ShiftRightWords;
            _code.Shift(shift, moved, Extra, (byte)Math.Abs(_mainBits - bit));
        }
        _code.Vector(VectorOp.Ternary, destination, moved, ExtraMask, OrAnd);
    }

    private void Broadcast(Gpr scratch, int register, int value)
    {
        _code.Set(scratch, value);
        _code.Vector(VectorOp.BroadcastRegister, register, 0, (int)scratch);
    }
}
