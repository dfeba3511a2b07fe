namespace Winnow.Inference.Cpu.Emitted;

/// <summary>Which register holds what in an emitted panel product of up to four rows.</summary>
internal static class PanelRegisters
{
    /// <summary>Most rows.</summary>
    public const int Rows = 4;

    /// <summary>Eight vectors of passing use.</summary>
    public const int Temporary = 0;

    /// <summary>Four constants.</summary>
    public const int Constant = 8;

    /// <summary>Super-blocks: integers that the offset or the minima take away, one vector a row.</summary>
    public const int Below = 12;

    /// <summary>Float totals, one vector a row.</summary>
    public const int Total = 16;

    /// <summary>Integer sums of products, one vector a row.</summary>
    public const int Sum = 20;

    /// <summary>Sums over the second 16 of 32 inputs, one vector a row.</summary>
    public const int SecondSum = 24;

    /// <summary>Super-blocks: scaled integer sums, one vector a row.</summary>
    public const int SuperSum = 28;

    /// <summary>Code planes.</summary>
    public const Gpr Codes = Gpr.Rdi;

    /// <summary>Scales.</summary>
    public const Gpr Scales = Gpr.Rsi;

    /// <summary>Blocks left.</summary>
    public const Gpr Count = Gpr.Rax;

    /// <summary>Scaled sums of activations, with the strides of scales.</summary>
    public const Gpr ScaledSums = Gpr.Rdx;

    /// <summary>Totals in memory.</summary>
    public const Gpr Totals = Gpr.Rcx;

    /// <summary>The table of codes, or room for scales.</summary>
    public const Gpr Table = Gpr.Rbp;

    /// <summary>Activation codes.</summary>
    public static readonly RowAddresses Input = new(Gpr.R8, Gpr.R9, Gpr.Rbx);

    /// <summary>Activation scales.</summary>
    public static readonly RowAddresses InputScales = new(Gpr.R10, Gpr.R12, Gpr.R13);

    /// <summary>Scaled sums of activations.</summary>
    public static readonly RowAddresses InputScaledSums = new(ScaledSums, Gpr.R12, Gpr.R13);

    /// <summary>Sums of activation codes.</summary>
    public static readonly RowAddresses Sums = new(Gpr.R11, Gpr.R14, Gpr.R15);
}
