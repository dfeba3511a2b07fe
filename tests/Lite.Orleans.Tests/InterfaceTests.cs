using Orleans;
using Orleans.Invocation;
using Orleans.Runtime;

namespace Winnow.LiteTests;

/// <summary>Grain interfaces that Orleans' analyzers refuse to build are refused when the first reference is made.</summary>
public sealed class InterfaceTests
{
    public interface IReturnsNothing : IGrainWithStringKey
    {
        void Call();
    }

    public interface IReturnsAValue : IGrainWithStringKey
    {
        int Call();
    }

    public interface IByReference : IGrainWithStringKey
    {
        Task Call(ref int value);
    }

    public interface IGenericMethod : IGrainWithStringKey
    {
        Task Call<T>(T value);
    }

    public interface IProperty : IGrainWithStringKey
    {
        int Value { get; }
    }

    public interface IBase : IGrainWithStringKey
    {
        Task Call(int value);

        Task Call(string value);
    }

    public interface IDerived : IBase;

    [Theory]
    [InlineData(typeof(IReturnsNothing))]
    [InlineData(typeof(IReturnsAValue))]
    [InlineData(typeof(IByReference))]
    [InlineData(typeof(IGenericMethod))]
    [InlineData(typeof(IProperty))]
    public void Of_WithAMemberGrainsCanNotHave_Throws(Type type) =>
        Assert.Throws<NotSupportedException>(() => GrainInterface.Of(type));

    [Fact]
    public void Of_NoGrainInterface_Throws() => Assert.Throws<ArgumentException>(() => GrainInterface.Of(typeof(IDisposable)));

    [Fact]
    public void Of_InheritedAndOverloadedMethods_KnowsEach()
    {
        var sut = GrainInterface.Of(typeof(IDerived));

        Assert.NotNull(sut.Method("Call(System.Int32)"));
        Assert.NotNull(sut.Method("Call(System.String)"));
        Assert.Null(sut.Method("Call(System.Int64)"));
    }

    [Fact]
    public void ClassMap_TwoClassesOfOneGrainType_AreRefused() =>
        Assert.Throws<OrleansConfigurationException>(() => new GrainClassMap([typeof(HoldGrain), typeof(HoldGrain)]));
}
