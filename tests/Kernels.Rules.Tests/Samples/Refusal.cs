namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>How the real compiler shows that a sample cannot be used.</summary>
internal enum Refusal
{
    /// <summary>It throws.</summary>
    Throws,

    /// <summary>Its PTX calls a function that nothing defines.</summary>
    Extern,

    /// <summary>Its PTX makes a float of the bits of an integer.</summary>
    BitFloat,

    /// <summary>Its PTX reads a signed number where an unsigned one was written.</summary>
    WrongSign,

    /// <summary>Its PTX takes the sign from the first operand of <c>copysign</c>, as the instruction does, where C# takes it from the second.</summary>
    Exchanged,

    /// <summary>Its PTX multiplies once, by the product of two constants.</summary>
    Joined,

    /// <summary>Its PTX indexes local memory.</summary>
    Local,

    /// <summary>Its PTX calls what was not inlined.</summary>
    Call,

    /// <summary>Its PTX is good, and only other accelerators refuse it or compute something else.</summary>
    Elsewhere,
}
